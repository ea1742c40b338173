"""How many rows does a list have, roughly? For the time that is left, counted beside the crawl."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from imagecrawl.inputs.compression import open_bytes
from imagecrawl.inputs.formats import Format
from imagecrawl.inputs.rows import UNREADABLE
from imagecrawl.inputs.table import Table

_ROW_A_LINE = (Format.TEXT, Format.CSV, Format.TSV, Format.JSON_LINES)


class Length:
    """The length of several lists together, counted in a thread of its own.

    A million lines take a fifth of a second. Line breaks inside of a CSV's cells and comments
    are counted as rows: it is for an estimate.
    """

    def __init__(self, tables: Sequence[Table]) -> None:
        self._tables = tables
        self.rows: int | None = None
        """``None`` until they are counted, or for ever where that would cost a full reading."""
        # Of no use to a process that ends: it need not be waited for.
        threading.Thread(target=self._count, daemon=True, name="list-length").start()

    def _count(self) -> None:
        try:
            self.rows = sum(map(_rows, self._tables))
        except (*UNREADABLE, _NotCounted):
            return  # whoever reads the list says so


class _NotCounted(Exception):
    """The format does not tell its number of rows cheaply."""


def _rows(table: Table) -> int:
    if table.format not in _ROW_A_LINE:
        raise _NotCounted
    with open_bytes(table.file.path) as file:
        rows = sum(1 for line in file if not line.isspace())
    return rows - bool(table.columns.url and table.format in (Format.CSV, Format.TSV))
