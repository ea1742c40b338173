"""Which rows does a list have, from some row on?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from imagecrawl.errors import ConfigError
from imagecrawl.images.markup import text_kind
from imagecrawl.inputs.columns import Columns, choose_columns, is_url
from imagecrawl.inputs.compression import open_bytes
from imagecrawl.inputs.formats import Format, list_format
from imagecrawl.inputs.rows import UNREADABLE, BadRow, ListFile, Record, Row
from imagecrawl.inputs.urllist import signature
from imagecrawl.policies.shard import Shard

_HEAD_BYTES = 512
_SAMPLE_ROWS = 20
"""So many rows are looked at to find out which columns there are."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user wants of a list: the columns named, and the share of this node."""

    url_column: str | None = None
    name_column: str | None = None
    shard: Shard | None = None

    @property
    def named(self) -> str:
        """The arguments that name a column, for a message."""
        pairs = (("url_column", self.url_column), ("name_column", self.name_column))
        return " and ".join(f"{name}={value!r}" for name, value in pairs if value is not None)


@dataclass(frozen=True, slots=True)
class Table:
    """A list on this machine, of known format and columns."""

    file: ListFile
    format: Format
    columns: Columns
    shard: Shard | None = None

    def signature(self) -> str:
        """Return a text that changes when the list does, or is read in another way."""
        shard = str(self.shard or "")
        return "-".join(filter(None, (signature(self.file.path), self.columns.url, shard)))

    def rows(self, after: int = 0) -> Iterator[Row | BadRow | None]:
        """Yield the rows behind number *after*; ``None`` for what is passed over, so that who
        reads can do something else meanwhile. Raises what is in `UNREADABLE`."""
        for record in self.format.reader(self.file.path, after):
            yield self.columns.row(record) if isinstance(record, Record) else record


def open_table(file: ListFile, wanted: Wanted) -> Table | None:
    """Look at the first rows of *file*; ``None`` if it has no usable row.

    Raises :exc:`ConfigError` where a column is not there, or it is not clear which one has the
    URLs, and what is in `UNREADABLE` if not a single row can be read.
    """
    format_ = list_format(file.path, file.name, file.media_type, wanted.url_column or "")
    sample: list[Record] = []
    try:
        records = (one for one in format_.reader(file.path, 0) if isinstance(one, Record))
        sample.extend(islice(records, _SAMPLE_ROWS))
    except UNREADABLE:
        if not sample:
            raise  # else: what there is before the damage is crawled, and then it is told
    _refuse_markup(file, sample)
    if not sample:
        return None
    values = (record.values for record in sample)
    columns = choose_columns(values, wanted.url_column, wanted.name_column)
    return Table(file, format_, columns, wanted.shard)


def _refuse_markup(file: ListFile, sample: Iterable[Record]) -> None:
    """Raise :exc:`ConfigError` for a page in place of a list: a log-in, say, or a sitemap."""
    with open_bytes(file.path) as opened:
        kind = text_kind(opened.read(_HEAD_BYTES))
    if any(is_url(value) for record in sample for value in _values(record)):
        return
    if kind == "html":
        raise ConfigError(
            "it is a web page, and no list of URLs; its images are had with start_urls="
        )
    if kind.startswith("xml"):
        raise ConfigError(
            "it is XML, and no list of URLs; those of a sitemap are had with sitemap="
        )


def _values(record: Record) -> Iterable[Any]:
    return (record.values,) if isinstance(record.values, str) else record.values.values()
