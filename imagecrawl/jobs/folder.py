"""What does a job keep in its folder? A JOBDIR may hold other things as well."""

from __future__ import annotations

from pathlib import Path

MANIFEST = "job.json"
DATABASE = "frontier.sqlite"
PARTIALS = "partials"
BEFORE = "before-restart"
"""What a restart replaces, until it is certain that it can begin."""

_KNOWLEDGE = (MANIFEST, f"{DATABASE}*", PARTIALS)
_INPUTS = ("stdin.txt*", "list-????????????.txt*")


def knowledge(folder: Path) -> list[Path]:
    """Return all that a job knows: not its lock, not its inputs, and none of its images."""
    return _all(folder, _KNOWLEDGE)


def input_files(folder: Path) -> list[Path]:
    """Return the copies of lists that cannot be read a second time."""
    return _all(folder, _INPUTS)


def all_files(folder: Path) -> list[Path]:
    """Return all that a job keeps in *folder*, which may be the user's, but for its lock."""
    return [*knowledge(folder), *input_files(folder), *folder.glob(f"{BEFORE}*")]


def _all(folder: Path, patterns: tuple[str, ...]) -> list[Path]:
    return [path for pattern in patterns for path in folder.glob(pattern)]
