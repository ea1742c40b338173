"""Which records does a Parquet list have?"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from imagecrawl.errors import ConfigError
from imagecrawl.inputs.compression import open_bytes
from imagecrawl.inputs.rows import BadRow, Record, Records

_ROWS = 1000
"""Read at a time."""
_BUFFER_BYTES = 1 << 20
"""Of each column; else whole row groups would be held in memory."""
_LARGEST_VALUE = 16 * 1024
"""Bytes, on average, in a column that is read."""


def read_parquet(path: Path, after: int = 0) -> Records:
    """Yield the rows of the Parquet file at *path* behind row *after*.

    Row groups that have been read are skipped without reading them. Raises :exc:`ConfigError`
    where pyarrow is missing.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise ConfigError(
            "reading Parquet needs pyarrow: pip install 'imagecrawl[parquet]', "
            "or pip install pyarrow"
        ) from None
    with _seekable(path) as file, _readable_errors(pyarrow.ArrowException):
        parquet = pyarrow.parquet.ParquetFile(file, buffer_size=_BUFFER_BYTES)
        groups = parquet.num_row_groups
        number, first = 0, 0
        while first < groups and number + parquet.metadata.row_group(first).num_rows <= after:
            number += parquet.metadata.row_group(first).num_rows
            first += 1
        if first == groups:
            return
        wanted, columns = list(range(first, groups)), _columns(parquet)
        for batch in parquet.iter_batches(_ROWS, wanted, columns, use_threads=False):
            passed = min(max(after - number, 0), batch.num_rows)
            if passed:
                yield None
            yield from _records(batch.slice(passed), number + passed)
            number += batch.num_rows


def _columns(parquet: Any) -> list[str]:
    """Return the columns that can be told in a record: all but those full of images."""
    group = parquet.metadata.row_group(0)
    sizes: Counter[str] = Counter()
    for index in range(group.num_columns):
        column = group.column(index)
        sizes[column.path_in_schema.partition(".")[0]] += column.total_uncompressed_size
    most = group.num_rows * _LARGEST_VALUE
    return [name for name in parquet.schema_arrow.names if sizes[name] <= most]


def _records(batch: Any, before: int) -> Iterator[Record | BadRow]:
    batch = _in_microseconds(batch)
    try:
        rows = batch.to_pylist()
    except (ValueError, OverflowError):  # a value that Python has no word for, in some row
        for index in range(batch.num_rows):
            try:
                (row,) = batch.slice(index, 1).to_pylist()
                yield Record(before + index + 1, before + index + 1, row)
            except (ValueError, OverflowError) as error:
                yield BadRow(before + index + 1, before + index + 1, "", str(error))
        return
    for number, row in enumerate(rows, before + 1):
        yield Record(number, number, row)


def _in_microseconds(batch: Any) -> Any:
    """Return *batch* with the times that Python can hold: it knows no nanoseconds."""
    import pyarrow as pa

    for index, field in enumerate(batch.schema):
        if pa.types.is_timestamp(field.type) and field.type.unit == "ns":
            wanted = pa.timestamp("us", field.type.tz)
        elif pa.types.is_duration(field.type) and field.type.unit == "ns":
            wanted = pa.duration("us")
        elif pa.types.is_time64(field.type) and field.type.unit == "ns":
            wanted = pa.time64("us")
        else:
            continue
        batch = batch.set_column(index, field.name, batch.column(index).cast(wanted, safe=False))
    return batch


@contextlib.contextmanager
def _seekable(path: Path) -> Iterator[IO[bytes]]:
    """Open a Parquet file, which is read from its end: one that is compressed as a whole goes
    to a temporary file first."""
    with open_bytes(path) as file:
        if file.seekable():
            yield file
            return
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(file, copy)
            copy.seek(0)
            yield copy


@contextlib.contextmanager
def _readable_errors(arrow: type[Exception]) -> Iterator[None]:
    try:
        yield
    except (arrow, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk's trouble
        raise OSError(f"its Parquet is cut or damaged: {str(error).splitlines()[0]}") from error
