"""Which lists does ``urls=`` name?"""

from __future__ import annotations

import glob
import re
from collections.abc import Sequence
from pathlib import Path

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_REMOTE = ("http://", "https://", "s3://")


def is_remote(spec: str) -> bool:
    """Tell whether *spec* is the address of a list elsewhere."""
    return spec.lower().startswith(_REMOTE)


def split_lists(urls: str | Sequence[str]) -> list[str]:
    """Return the lists that *urls*, separated by commas, names.

    A name with a comma that is there is one list; in an address a comma separates only where
    another list follows it. What is no text has been split before.
    """
    if not isinstance(urls, str):
        return list(urls)
    pieces = urls.split(",")
    found = []
    while pieces:
        count = _length(pieces)
        found.append(",".join(pieces[:count]).strip())
        del pieces[:count]
    return [spec for spec in found if spec]


def _length(pieces: list[str]) -> int:
    """Return how many of *pieces* are the first list."""
    count = _longest_path(pieces)
    if not count and is_remote(pieces[0].strip()):
        ends = (n for n in range(1, len(pieces)) if _begins_list(pieces[n:]))
        count = next(ends, len(pieces))
    return count or 1


def _longest_path(pieces: list[str]) -> int:
    counts = range(len(pieces), 0, -1)
    return next((n for n in counts if exists(Path(",".join(pieces[:n]).strip()))), 0)


def _begins_list(pieces: list[str]) -> bool:
    first = pieces[0].strip()
    if first == "-" or _ADDRESS.match(first):
        return True
    return bool(_longest_path(pieces) or expanded(Path(first)))


def exists(path: Path) -> bool:
    """Tell whether *path* is there, also where it is no possible path at all."""
    try:
        return path.name != "" and path.expanduser().exists()
    except (OSError, ValueError, RuntimeError):
        return False


def expanded(pattern: Path) -> list[Path]:
    """Return the files that *pattern* (``*``, ``?``, ``[...]``, ``**``) stands for, sorted."""
    if not any(char in str(pattern) for char in "*?["):
        return []
    # Not Path.glob: it takes hidden files, and refuses some patterns.
    paths = map(Path, sorted(glob.glob(str(pattern), recursive=True)))  # noqa: PTH207
    return [path for path in paths if path.is_file()]
