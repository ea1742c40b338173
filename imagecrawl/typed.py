"""How does a user type a command, so that it runs in the environment we run in?

One rule for every command that is shown: ``python3 -m imagecrawl`` where that is how this process
was started, else ``scrapy`` where a shell finds it, else the interpreter and its module.
"""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

import imagecrawl

_OWN_ENVIRONMENT = Path(imagecrawl.__file__).resolve().parents[1] / ".venv"
"""What ``python3 -m imagecrawl`` makes; no other command finds it."""


def scrapy_command(*words: str) -> str:
    """Return the command of Scrapy (``crawl``, ``failures`` ...) that *words* are."""
    if through_imagecrawl():
        return shlex.join(["python3", "-m", "imagecrawl", *words])
    if _scrapy_is_found():
        return shlex.join(["scrapy", *words])
    return shlex.join([python(), "-m", "scrapy", *words])


def through_imagecrawl() -> bool:
    """Tell whether commands are typed as ``python3 -m imagecrawl ...``."""
    if Path(sys.argv[0]).parts[-3:] == ("imagecrawl", "commands", "__main__.py"):
        return True
    return Path(sys.prefix).resolve() == _OWN_ENVIRONMENT and not _scrapy_is_found()


def python() -> str:
    """Return the name of our interpreter, or its path where no name leads to it."""
    for name in ("python", "python3"):
        # Not the file that it links to: that is the same in all environments.
        if _is_beside(shutil.which(name), sys.executable):
            return name
    return sys.executable


def _scrapy_is_found() -> bool:
    """Tell whether the ``scrapy`` that a shell finds is ours: that of a Scrapyd, a script or
    another environment may be none, or another one."""
    found = shutil.which("scrapy")
    return _is_beside(found, sys.executable) or (
        found is not None and _is_beside(found, sys.argv[0]) and Path(sys.argv[0]).stem == "scrapy"
    )


def _is_beside(found: str | None, other: str) -> bool:
    try:
        return found is not None and Path(found).parent.samefile(Path(other).parent)
    except OSError:
        return False
