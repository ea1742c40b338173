"""Which lines does a list of URLs have, from some line on?"""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

UNREADABLE = (OSError, EOFError, UnicodeError)
"""What reading a list may raise."""

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
    Latin-1. Line ends are LF, CRLF or CR. Raises what is in `UNREADABLE`.
    """
    with _open(path) as text:
        number, continued = 1, False
        for piece in iter(lambda: _read(text), ""):
            stripped = "" if continued or number <= after else piece.strip()
            if stripped and not stripped.startswith("#"):
                yield Line(number, _latin(stripped))
            continued = not piece.endswith("\n")
            number += not continued


def _read(text: io.TextIOWrapper) -> str:
    try:
        return text.readline(_LONGEST_LINE)
    except zlib.error as error:
        raise gzip.BadGzipFile(str(error)) from error


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
    except BaseException as error:
        binary.close()
        if isinstance(error, zlib.error):
            raise gzip.BadGzipFile(str(error)) from error
        raise
    encoding = "utf-16" if start in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    errors = "replace" if encoding == "utf-16" else "surrogateescape"
    return io.TextIOWrapper(binary, encoding=encoding, errors=errors)


def _latin(text: str) -> str:
    """Read the bytes that were no UTF-8 as Latin-1."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape").decode("latin-1")
    return text
