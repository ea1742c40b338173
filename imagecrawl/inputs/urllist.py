"""Which lines does a list of URLs have, from some line on?"""

from __future__ import annotations

import gzip
import hashlib
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

_GZIP = b"\x1f\x8b"
_HEAD_BYTES = 64 * 1024
_LONGEST_LINE = 64 * 1024
"""A longer one is no URL; it is cut, so that a file without line ends cannot fill the memory."""


class Line(NamedTuple):
    """A line that holds something: its number, from 1, and its text without blanks around."""

    number: int
    text: str


def read_lines(path: Path, after: int = 0) -> Iterator[Line]:
    """Yield the lines of *path* behind line *after* that are neither blank nor comments.

    Gzip is known by its first bytes, not by the name. UTF-8 with or without a byte order mark,
    UTF-16 with one (which Windows PowerShell writes), and what is not UTF-8 is taken for
    Latin-1. Line ends are LF, CRLF or CR. Raises :exc:`OSError` and :exc:`EOFError`.
    """
    with _open(path) as text:
        lines = iter(lambda: text.readline(_LONGEST_LINE), "")
        for number, line in enumerate(islice(lines, after, None), after + 1):
            stripped = line.strip()
            if stripped and not stripped.startswith("#"):
                yield Line(number, _latin(stripped))


def signature(path: Path) -> str:
    """Return a text that changes when the list does: its size, mtime and the hash of its head."""
    status = path.stat()
    with path.open("rb") as file:
        head = hashlib.sha256(file.read(_HEAD_BYTES)).hexdigest()[:16]
    return f"{status.st_size}-{status.st_mtime_ns}-{head}"


def _open(path: Path) -> io.TextIOWrapper:
    with path.open("rb") as file:
        zipped = file.read(2) == _GZIP
    binary = cast(BinaryIO, gzip.GzipFile(path, "rb") if zipped else path.open("rb"))
    try:
        start = binary.read(2)
        binary.seek(0)
    except BaseException:
        binary.close()
        raise
    encoding = "utf-16" if start in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return io.TextIOWrapper(binary, encoding=encoding, errors="surrogateescape")


def _latin(text: str) -> str:
    """Read the bytes that were no UTF-8 as Latin-1."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape").decode("latin-1")
    return text
