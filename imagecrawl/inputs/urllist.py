"""Which lines does a plain list of URLs have, from some line on?"""

from __future__ import annotations

import hashlib
from pathlib import Path

from imagecrawl.inputs.rows import Record, Records
from imagecrawl.inputs.text import latin, logical_lines, open_text

_HEAD_BYTES = 64 * 1024
_LONGEST_LINE = 64 * 1024
"""Characters. A longer one is no URL; it is cut."""


def read_lines(path: Path, after: int = 0) -> Records:
    """Yield the lines of *path* that are neither blank nor comments, without blanks around.

    Line ends are LF, CRLF or CR.
    """
    with open_text(path) as text:
        for number, line, _ in logical_lines(text, _LONGEST_LINE):
            if number <= after:
                yield None
                continue
            stripped = line.strip()
            if stripped and not stripped.startswith("#"):
                yield Record(number, number, latin(stripped))


def signature(path: Path) -> str:
    """Return a text that changes when the list does: its size, mtime and the hash of its head."""
    status = path.stat()
    with path.open("rb") as file:
        head = hashlib.sha256(file.read(_HEAD_BYTES)).hexdigest()[:16]
    return f"{status.st_size}-{status.st_mtime_ns}-{head}"
