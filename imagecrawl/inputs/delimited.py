"""Which records does a CSV or TSV list have?"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Literal

from imagecrawl.inputs.columns import is_url
from imagecrawl.inputs.rows import LONGEST_ROW, BadRow, Record, Records
from imagecrawl.inputs.text import latin, open_text

_MOST_LINES = 1000
"""Of one record. A quote that is not closed would swallow the rest of the list."""
_NOT_CLOSED = "a quote is not closed"
_SEPARATORS = ",;|"
_QUOTED = re.compile(r'"[^"]*"')
# Python's own limit, 128 KiB a field, is less than what some lists hold (thumbnails as text).
csv.field_size_limit(LONGEST_ROW)


class _Lines:
    """The physical lines, for the csv module, which may be given back."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._again: deque[str] = deque()
        self.taken: list[str] = []
        self.first = 1
        """The number of the first line that is taken."""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= _MOST_LINES:
            raise csv.Error(_NOT_CLOSED)
        line = self._again.popleft() if self._again else self._read()
        if not line:
            raise StopIteration
        self.taken.append(line)
        if len(line) >= LONGEST_ROW:
            raise csv.Error(f"longer than {LONGEST_ROW} characters")
        return line

    def _read(self) -> str:
        line = rest = self._text.readline(LONGEST_ROW)
        while len(rest) == LONGEST_ROW and rest[-1] not in "\r\n":
            rest = self._text.readline(LONGEST_ROW)
        return latin(line)

    def forget(self) -> None:
        """Be done with what is taken."""
        self.first += len(self.taken)
        self.taken.clear()

    def give_back(self) -> None:
        """Be done with the first line only: the others may be records of their own."""
        self._again.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


def read_delimited(path: Path, after: int = 0, *, tabs: bool = False) -> Records:
    """Yield the rows of the CSV (or, with *tabs*, TSV) list at *path* behind row *after*.

    The first row has the names of the columns, unless it has a URL: then the columns have
    their numbers for names. A row counts as one however many lines its quotes span.
    """
    separator = "\t" if tabs else _separator(path)
    with open_text(path, newline="") as text:
        lines = _Lines(text)
        names: list[str] = []
        number = 0
        while (cells := _cells(lines, separator, len(names))) is not None:
            if not names:
                if isinstance(cells, str):
                    raise OSError(f"line {lines.first}, which should name its columns: {cells}")
                headed = not any(map(is_url, cells))
                names = _unique(cells if headed else [""] * len(cells))
                if headed:
                    lines.forget()
                    continue
            if cells:  # else a blank line
                number += 1
                yield _record(number, lines, names, cells) if number > after else None
            lines.forget()


def _record(number: int, lines: _Lines, names: list[str], cells: list[str] | str) -> Any:
    if isinstance(cells, str):
        return BadRow(number, lines.first, lines.taken[0].strip(), cells)
    return Record(number, lines.first, dict(zip(names, cells, strict=True)))


def _cells(lines: _Lines, separator: str, width: int) -> list[str] | str | None:
    """Return the next record's cells, what is wrong with it, or ``None`` at the end.

    Of a record that is wrong only the first line is taken.
    """
    try:
        cells = next(csv.reader(lines, delimiter=separator, strict=True))
        if not cells or not width or len(cells) == width:
            return cells
        problem = f"{len(cells)} cells, where the first row has {width}"
    except StopIteration:
        return None
    except csv.Error as error:
        quotes = "end of data" in str(error) or "expected after" in str(error)
        problem = _NOT_CLOSED if quotes else str(error)
    lines.give_back()
    return _once_more(lines.taken[0], separator, width) or problem


def _once_more(line: str, separator: str, width: int) -> list[str] | None:
    """Read *line* alone, as generously as others do: ``"a" b``, and in TSV any quote."""
    quoting: Literal[0, 3] = csv.QUOTE_NONE if separator == "\t" else csv.QUOTE_MINIMAL
    if not width or len(line) >= LONGEST_ROW:
        return None
    try:
        one = csv.reader([line.rstrip("\r\n") + "\n"], delimiter=separator, quoting=quoting)
        cells = next(one, [])
    except csv.Error:
        return None
    return cells if len(cells) == width and not cells[-1].endswith("\n") else None


def _unique(names: list[str]) -> list[str]:
    """Return the names of the columns: one without a name, or with one that is taken, goes by
    its number."""
    found: list[str] = []
    for number, name in enumerate(map(str.strip, names), 1):
        found.append(name if name and name not in found else f"{name}{number}")
    return found


def separator_of(line: str) -> str:
    """Return what separates the cells of *line*: a comma, unless there are tabs, or more of
    something else (a semicolon where the comma is for decimals)."""
    bare = _QUOTED.sub("", line)
    return "\t" if "\t" in bare else max(_SEPARATORS, key=bare.count)


def _separator(path: Path) -> str:
    with open_text(path) as text:
        lines = iter(partial(text.readline, LONGEST_ROW), "")
        return separator_of(next(filter(str.strip, lines), ""))
