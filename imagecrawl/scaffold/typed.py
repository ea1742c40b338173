"""What does a user type to save a page, and to test a spider?"""

from __future__ import annotations

import shlex
from pathlib import Path

from scrapy.utils.conf import closest_scrapy_cfg

import imagecrawl
from imagecrawl.typed import python, scrapy_command, through_imagecrawl


def test_command(file: Path) -> str:
    """Return the command that runs the test in *file*."""
    if through_imagecrawl():
        return _there() + scrapy_command("test", _from_home(file))
    return _there() + shlex.join([python(), "-m", "pytest", _from_home(file)])


def fetch_command(url: str, file: Path) -> str:
    """Return the command that saves the page at *url* in *file*."""
    fetch = scrapy_command("fetch", "--nolog", url)
    return f"{_there()}{fetch} > {shlex.quote(_from_home(file))}"


def shown(path: Path) -> str:
    """Return *path* as seen from where we are."""
    return _seen_from(Path.cwd().resolve(), path)


def _from_home(path: Path) -> str:
    return _seen_from(_home(), path)


def _seen_from(folder: Path, path: Path) -> str:
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)


def _there() -> str:
    """Return what is to be typed before a command, unless we are where it runs."""
    home = _home()
    # By its whole path: who types another command next is there already.
    return "" if home == Path.cwd().resolve() else f"cd {shlex.quote(str(home))} && "


def _home() -> Path:
    """Return the folder that commands run in: what they import is found from no other."""
    if through_imagecrawl():
        return Path(imagecrawl.__file__).resolve().parents[1]
    configuration = closest_scrapy_cfg()
    return Path(configuration).parent if configuration else Path.cwd().resolve()
