"""In which format is a list?"""

from __future__ import annotations

from enum import Enum
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from imagecrawl.inputs.columns import is_url, is_url_column
from imagecrawl.inputs.compression import open_bytes
from imagecrawl.inputs.delimited import read_delimited, separator_of
from imagecrawl.inputs.jsonlists import read_json, read_json_lines
from imagecrawl.inputs.parquet import read_parquet
from imagecrawl.inputs.rows import LONGEST_ROW, Reader
from imagecrawl.inputs.text import open_text
from imagecrawl.inputs.urllist import read_lines


class Format(str, Enum):
    """The formats of lists."""

    TEXT = "txt"
    CSV = "csv"
    TSV = "tsv"
    JSON = "json"
    JSON_LINES = "jsonl"
    PARQUET = "parquet"

    @property
    def reader(self) -> Reader:
        return _READERS[self]

    @property
    def place(self) -> str:
        """What its rows are counted in."""
        return "row" if self in (Format.JSON, Format.PARQUET) else "line"


_READERS: dict[Format, Reader] = {
    Format.TEXT: read_lines,
    Format.CSV: read_delimited,
    Format.TSV: partial(read_delimited, tabs=True),
    Format.JSON: read_json,
    Format.JSON_LINES: read_json_lines,
    Format.PARQUET: read_parquet,
}
_COMPRESSED = {".gz", ".gzip", ".bz2", ".xz", ".zst", ".zstd"}
_SUFFIXES = {
    ".txt": Format.TEXT,
    ".csv": Format.CSV,
    ".tsv": Format.TSV,
    ".tab": Format.TSV,
    ".json": Format.JSON,
    ".jsonl": Format.JSON_LINES,
    ".ndjson": Format.JSON_LINES,
    ".parquet": Format.PARQUET,
}
_MEDIA_TYPES = {
    "text/csv": Format.CSV,
    "application/csv": Format.CSV,
    "text/tab-separated-values": Format.TSV,
}
"""Those that say more than the content does: text/plain is said of everything."""


def list_format(path: Path, name: str = "", media_type: str = "", column: str = "") -> Format:
    """Return the format of the list at *path*, which goes by *name* where it comes from, and
    was sent as *media_type*; *column* is one that it must have.

    The content decides as far as it can, and the name where it cannot. A list that is called
    ``.txt`` has a URL a line, whatever is in the lines. Raises what is in `UNREADABLE`.
    """
    with open_bytes(path) as file:
        if file.peek(4)[:4] == b"PAR1":
            return Format.PARQUET
    named = _named(name) or _MEDIA_TYPES.get(media_type.partition(";")[0].strip().lower())
    if named in (Format.TEXT, Format.CSV, Format.TSV):
        return named
    with open_text(path) as text:
        lines = (line for line in iter(partial(text.readline, LONGEST_ROW), "") if line.strip())
        first, second = [line.strip() for line in [*islice(lines, 2), "", ""]][:2]
    return _json(first, second, named) or _delimited(first, column) or Format.TEXT


def _named(name: str) -> Format | None:
    path = PurePosixPath(name.lower())
    if path.suffix in _COMPRESSED:
        path = path.with_suffix("")
    return _SUFFIXES.get(path.suffix)


def _json(first: str, second: str, named: Format | None) -> Format | None:
    """Return the kind of JSON that a list with these lines is, ``None`` if it is none."""
    if named is None and is_url(second):
        return None  # a line that is no URL, among others that are
    if first.startswith("["):
        return Format.JSON
    value = _decoded(first)
    if named is Format.JSON_LINES or isinstance(value, str) or isinstance(_decoded(second), dict):
        return Format.JSON_LINES
    if not first.startswith("{"):
        return None
    # One line that is an object: a row, or the whole with all the rows in it.
    row = isinstance(value, dict) and any(map(is_url, value.values()))
    return Format.JSON_LINES if row or (value is not None and second) else Format.JSON


def _decoded(line: str) -> Any:
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _delimited(first: str, column: str) -> Format | None:
    """Return CSV or TSV if a list with this *first* line is one, although nothing says so: it
    has a cell that is a URL, or the name of a column of URLs. A URL may have commas itself."""
    tabs = "\t" in first
    if is_url(first) and not tabs:
        return None
    cells = [cell.strip(' "') for cell in first.split(separator_of(first))]
    wanted = (is_url(cell) or is_url_column(cell) or cell == column for cell in cells)
    if len(cells) < 2 or not any(wanted):
        return None
    return Format.TSV if tabs else Format.CSV
