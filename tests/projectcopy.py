"""A copy of the project that a test may write into, as a user writes into theirs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_FILES = ("scrapy.cfg", "pyproject.toml", "requirements.txt", "README.md", "setup.py")


class ProjectCopy:
    """The project in a *folder* of its own, with no tests in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        leave_out = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "imagecrawl", folder / "imagecrawl", ignore=leave_out)
        for name in _FILES:
            shutil.copy(ROOT / name, folder / name)

    def environment(self) -> dict[str, str]:
        """Return the environment of its commands: `python3` and `scrapy` are those of the test."""
        bin_folder = str(Path(sys.executable).parent)
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return {**kept, "PATH": bin_folder + os.pathsep + kept.get("PATH", "")}

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
