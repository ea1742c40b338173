"""A copy of the project that a test may write into, as a user writes into theirs."""

from __future__ import annotations

import compileall
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_FILES = ("scrapy.cfg", "pyproject.toml", "requirements.txt", "README.md", "setup.py")


def copy_package(folder: Path) -> None:
    """Copy the package, with its byte code: it stays valid, for the sources keep their times, and
    to make it takes longer than a crawl does."""
    compileall.compile_dir(ROOT / "imagecrawl", quiet=1)
    # Another process may be writing some, too.
    unfinished = shutil.ignore_patterns("*.pyc.*")
    shutil.copytree(ROOT / "imagecrawl", folder / "imagecrawl", ignore=unfinished)


class ProjectCopy:
    """The project in a *folder* of its own, with no tests in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        copy_package(folder)
        for name in _FILES:
            shutil.copy(ROOT / name, folder / name)

    def environment(self) -> dict[str, str]:
        """Return the environment of its commands: `python3` and `scrapy` are those of the test."""
        bin_folder = str(Path(sys.executable).parent)
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        path = bin_folder + os.pathsep + kept.get("PATH", "")
        # Four workers, as in pyproject.toml, are three too many for the test of a spider.
        return {**kept, "PATH": path, "PYTEST_ADDOPTS": "-n 0"}

    def run(self, *words: object, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run ``python -m words...`` in the folder."""
        return subprocess.run(
            [sys.executable, "-m", *map(str, words)],
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace *old*, which is there once, in the file *name*."""
        file = self.folder / name
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} is in {name} {text.count(old)} times"
        file.write_text(text.replace(old, new), encoding="utf-8")
