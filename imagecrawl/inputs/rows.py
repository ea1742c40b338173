"""What is read from a list, whatever its format?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

LONGEST_ROW = 4 * 1024 * 1024
"""Characters; a longer row is malformed, so that no file can fill the memory."""


class ListFile(NamedTuple):
    """A list that is a file on this machine.

    ``spec`` is what a message calls it, ``source`` what a cursor knows it by; it goes by
    ``name`` where it comes from, and was sent as ``media_type``.
    """

    path: Path
    spec: str
    source: str
    name: str = ""
    media_type: str = ""


class Record(NamedTuple):
    """What a format makes of one row: the values by column, or the text of a row without any.

    ``number`` is what a cursor counts, from 1; ``place`` is where a human finds it: the number
    of its (first) line or, in a format without lines, of the row.
    """

    number: int
    place: int
    values: dict[str, Any] | str


class BadRow(NamedTuple):
    """A row that cannot be used: the beginning of its ``text``, and one line about the problem."""

    number: int
    place: int
    text: str
    problem: str


class Row(NamedTuple):
    """A usable row: the text where the URL should be, and what travels along with the image."""

    number: int
    place: int
    url: str
    fields: dict[str, Any]
    name: str | None = None


Records = Iterator[Record | BadRow | None]
"""In the order of the list; ``None`` stands for a row that has been passed over."""
Reader = Callable[[Path, int], Records]
"""Reads the records of a file behind the given number; raises what is in `UNREADABLE`."""
UNREADABLE = (OSError, EOFError, UnicodeError)
"""What reading a list may raise."""
