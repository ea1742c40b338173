"""How does a user type a command, so that it runs in the environment we run in?"""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

from scrapy.utils.conf import closest_scrapy_cfg

import imagecrawl

_OWN_ENVIRONMENT = Path(imagecrawl.__file__).resolve().parents[1] / ".venv"
"""What ``python3 -m imagecrawl`` makes; no other command finds it."""


def test_command(file: Path) -> str:
    """Return the command that runs the test in *file*."""
    return _typed("imagecrawl test" if _is_own() else "pytest", _from_home(file))


def fetch_command(url: str, file: Path) -> str:
    """Return the command that saves the page at *url* in *file*."""
    command = _typed("imagecrawl fetch" if _is_own() else "scrapy fetch", "--nolog", url)
    return f"{command} > {shlex.quote(_from_home(file))}"


def shown(path: Path) -> str:
    """Return *path* as seen from where we are."""
    return _seen_from(Path.cwd().resolve(), path)


def _from_home(path: Path) -> str:
    return _seen_from(_home(), path)


def _seen_from(folder: Path, path: Path) -> str:
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)


def _typed(command: str, *words: str) -> str:
    home = _home()
    # By its whole path: the command that is typed next is there already.
    there = "" if home == Path.cwd().resolve() else f"cd {shlex.quote(str(home))} && "
    return f"{there}{_python()} -m {command} {shlex.join(words)}"


def _home() -> Path:
    """Return the folder that commands run in: what they import is found from no other."""
    if _is_own():
        return _OWN_ENVIRONMENT.parent
    configuration = closest_scrapy_cfg()
    return Path(configuration).parent if configuration else Path.cwd().resolve()


def _is_own() -> bool:
    return Path(sys.prefix).resolve() == _OWN_ENVIRONMENT


def _python() -> str:
    """Return the name of our interpreter, or its path where no name leads to it."""
    if _is_own():
        return "python3"
    for name in ("python", "python3"):
        found = shutil.which(name)
        # Not the file that it links to: that is the same in all environments.
        if found is not None and Path(found).parent.samefile(Path(sys.executable).parent):
            return name
    return shlex.quote(sys.executable)
