"""Which text do the bytes of a list stand for?"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path

from imagecrawl.inputs.compression import open_bytes


@contextlib.contextmanager
def open_text(path: Path, newline: str | None = None) -> Iterator[io.TextIOWrapper]:
    """Open the list at *path* as text; *newline* as for :func:`open`.

    UTF-8 with or without a byte order mark, and UTF-16 with one (which Windows PowerShell
    writes). What is not UTF-8 comes as surrogates, for :func:`latin`.
    """
    with open_bytes(path) as binary:
        start = binary.peek(2)[:2]
        encoding = "utf-16" if start in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        errors = "replace" if encoding == "utf-16" else "surrogateescape"
        with io.TextIOWrapper(binary, encoding, errors, newline) as text:
            yield text


def latin(text: str) -> str:
    """Read the bytes that were no UTF-8 as Latin-1."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape").decode("latin-1")
    return text


def logical_lines(text: io.TextIOWrapper, longest: int) -> Iterator[tuple[int, str, bool]]:
    """Yield the number of each line, from 1, its text up to *longest* characters with its end,
    and whether it is longer than that."""
    number = 0
    while line := text.readline(longest):
        number += 1
        too_long = len(line) == longest and not line.endswith("\n")
        yield number, line, too_long
        while too_long and (rest := text.readline(longest)) and not rest.endswith("\n"):
            pass
