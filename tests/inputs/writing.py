"""Writes the same rows as a list in each format, and compresses it in each way."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from imagecrawl.inputs.lists import Lists
from imagecrawl.inputs.rows import BadRow, ListFile, Row
from imagecrawl.inputs.table import Table, Wanted, open_table
from imagecrawl.policies.backoff import Backoff

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

NO_WAIT = Backoff(0, 0, 0)
Rows = Sequence[dict[str, Any]]


def delimited(rows: Rows, separator: str = ",") -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def parquet(rows: Rows, **options: Any) -> bytes:
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(list(rows)), file, **options)
    return file.getvalue()


FORMATS: dict[str, Callable[[Rows], bytes]] = {
    "csv": delimited,
    "tsv": lambda rows: delimited(rows, "\t"),
    "json": lambda rows: json.dumps(rows, indent=1).encode(),
    "jsonl": lambda rows: "".join(json.dumps(row) + "\n" for row in rows).encode(),
    "parquet": parquet,
}
COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda data: data,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstd.compress,
}


def table_of(path: Path, data: bytes, name: str | None = None, **wanted: str) -> Table:
    """Return the table of a list with these bytes that goes by *name*."""
    path.write_bytes(data)
    file = ListFile(path, path.name, str(path), path.name if name is None else name)
    table = open_table(file, Wanted(**wanted))
    assert table is not None
    return table


def rows_of(table: Table, after: int = 0) -> list[Row | BadRow]:
    return [row for row in table.rows(after) if row is not None]


def urls(rows: Iterable[Row | BadRow]) -> list[str]:
    return [row.url for row in rows if isinstance(row, Row)]


def bad(rows: Iterable[Row | BadRow]) -> list[tuple[int, str]]:
    return [(row.place, row.problem) for row in rows if isinstance(row, BadRow)]


def opened(spec: str, folder: Path, **wanted: str) -> list[Table]:
    return Lists(spec, Wanted(**wanted)).tables(folder, "agent", NO_WAIT, reread=True)
