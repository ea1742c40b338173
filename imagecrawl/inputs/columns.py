"""Which column has the URLs, and what becomes of the others?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from imagecrawl.errors import ConfigError
from imagecrawl.inputs.plain import plain
from imagecrawl.inputs.rows import BadRow, Record, Row

_URL = re.compile(r"\s*https?://", re.IGNORECASE)
# The likeliest first; compared without case and punctuation.
_KNOWN = (
    *("url", "imageurl", "imgurl", "imagelink", "imagesrc", "imgsrc", "image", "img", "photo"),
    *("picture", "photourl", "pictureurl", "src", "link", "href", "uri"),
)


def is_url(value: object) -> bool:
    """Tell whether *value* looks like the URL of an image: http or https, whatever follows."""
    return isinstance(value, str) and _URL.match(value) is not None


def is_url_column(name: str) -> bool:
    """Tell whether a column of this *name* is one of URLs, as far as the name can say."""
    return _bare(name) in _KNOWN


def _bare(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns with the URL and with the name to store the image by; ``None``: there is none."""

    url: str | None = None
    name: str | None = None

    def row(self, record: Record) -> Row | BadRow:
        """Return what *record* means: all but its URL travels along, if it is not empty."""
        number, place, values = record
        if isinstance(values, str):
            url: object = values.strip()
            return Row(number, place, values.strip(), {}) if url else self._bad(record, "is empty")
        if self.url is None or self.url not in values:
            return self._bad(record, f"has no {self.url!r}")
        url = plain(values[self.url])
        if not isinstance(url, str) or not url.strip():
            return self._bad(record, f"has no URL in {self.url!r}")
        kept = ((key, plain(value)) for key, value in values.items() if key != self.url)
        fields = {key: value for key, value in kept if value is not None}
        name = plain(values.get(self.name)) if self.name else None
        text = str(name) if isinstance(name, (str, int, float)) else None
        return Row(number, place, url.strip(), fields, text)

    def _bad(self, record: Record, problem: str) -> BadRow:
        values = record.values
        pairs = values.items() if isinstance(values, Mapping) else ()
        text = ", ".join(f"{key}={plain(value)}" for key, value in pairs)
        return BadRow(record.number, record.place, text, problem)


def choose_columns(
    sample: Iterable[Mapping[str, Any] | str], url_column: str | None, name_column: str | None
) -> Columns:
    """Return the columns of a list that begins with *sample*.

    Without *url_column* it is one with a name that says so, or the only one that begins with a
    URL. Raises :exc:`ConfigError`, with the columns that there are.
    """
    rows = [row for row in sample if not isinstance(row, str)]
    if not rows:
        return Columns()
    names = list(dict.fromkeys(key for row in rows for key in row))
    there = f"the columns are {', '.join(names)}"
    for argument, wanted in (("url_column", url_column), ("name_column", name_column)):
        if wanted is not None and wanted not in names:
            raise ConfigError(f"there is no {argument}={wanted!r}: {there}")
    return Columns(url_column or _found(names, rows, there), name_column)


def _found(names: list[str], rows: list[Mapping[str, Any]], there: str) -> str:
    # What the first row with a value has there.
    first = {name: next((v for row in rows if (v := plain(row.get(name)))), None) for name in names}
    known = sorted((_KNOWN.index(_bare(name)), name) for name in names if is_url_column(name))
    with_url = [name for name in names if is_url(first[name])]
    for candidates in ([name for _, name in known if name in with_url], [n for _, n in known]):
        if candidates:
            return candidates[0]
    if len(with_url) == 1:
        return with_url[0]
    problem = f"several columns have URLs ({', '.join(with_url)})" if with_url else "none has URLs"
    raise ConfigError(f"which column has the URLs? {problem}: say -a url_column=NAME; {there}")
