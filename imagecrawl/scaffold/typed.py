"""What does a user type to save a page, and to test a spider?"""

from __future__ import annotations

import shlex
from pathlib import Path

from imagecrawl.typed import python, scrapy_command, through_imagecrawl


def test_command(file: Path) -> str:
    """Return the command that runs the test in *file*."""
    if through_imagecrawl():
        return scrapy_command("test", shown(file))
    return shlex.join([python(), "-m", "pytest", shown(file)])


def fetch_command(url: str, file: Path) -> str:
    """Return the command that saves the page at *url* in *file*."""
    return f"{scrapy_command('fetch', '--nolog', url)} > {shlex.quote(shown(file))}"


def shown(path: Path) -> str:
    """Return *path* as seen from where we are."""
    here = Path.cwd().resolve()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
