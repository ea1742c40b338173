"""May half a body be kept, and is this the other half of it?

Splicing two files is worse than fetching one twice: on any doubt the answer is no (RFC 9110, 13.1.5
and 14; gallery-dl and others resume without ``If-Range``, and splice what has changed).
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from imagecrawl.policies.retry_after import http_date

Header = Callable[[str], "str | None"]
"""Gives the value of a header by its name."""

_STRONG_ETAG = re.compile(r'"[\x21\x23-\x7e\x80-\xff]*"\Z')
_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,15})-([0-9]{1,15})/([0-9]{1,15})\Z")


class Representation(msgspec.Struct, frozen=True):
    """What the bytes that are kept are the beginning of."""

    validator: str
    """A strong ETag, else a Last-Modified: the text for ``If-Range``."""
    total: int
    """Its length in bytes."""


def representation(header: Header) -> Representation | None:
    """Return what a 200 with these headers begins to send, ``None`` if it cannot be resumed."""
    length = header("Content-Length") or ""
    if not re.fullmatch("[0-9]{1,15}", length) or header("Content-Range") is not None:
        return None
    if (header("Accept-Ranges") or "").strip().lower() == "none" or _encoded(header):
        return None
    validator = _strong_validator(header)
    return Representation(validator, int(length)) if validator is not None else None


def range_headers(kept: Representation, have: int) -> dict[str, str]:
    """Return the headers that ask for the rest after *have* bytes, or for all if it changed."""
    return {"Range": f"bytes={have}-", "If-Range": kept.validator}


def continues(kept: Representation, have: int, header: Header) -> bool:
    """Tell whether a 206 with these headers goes on where *have* bytes of *kept* end.

    It may be less than the whole rest (15.3.7), but must say that it is of the same
    representation.
    """
    match = _CONTENT_RANGE.match((header("Content-Range") or "").strip())
    if match is None or _encoded(header):
        return False
    first, last, total = map(int, match.groups())
    name = "ETag" if kept.validator.startswith('"') else "Last-Modified"
    same = (header(name) or "").strip() == kept.validator
    return same and first == have and first <= last < total == kept.total


def range_length(header: Header) -> int:
    """Return how many bytes a 206 with these headers sends; 0 if they do not say."""
    match = _CONTENT_RANGE.match((header("Content-Range") or "").strip())
    return int(match[2]) - int(match[1]) + 1 if match is not None else 0


def _encoded(header: Header) -> bool:
    return (header("Content-Encoding") or "identity").strip().lower() != "identity"


def _strong_validator(header: Header) -> str | None:
    etag = (header("ETag") or "").strip()
    if etag:
        # 13.1.5: who has an entity tag, a weak one too, must not ask by date.
        return etag if _STRONG_ETAG.match(etag) else None
    modified = (header("Last-Modified") or "").strip()
    changed, sent = http_date(modified), http_date((header("Date") or "").strip())
    # 8.8.2.2: a second earlier than the answer, or it may change again within that second.
    if changed is None or sent is None or sent - changed < 1:
        return None
    return modified
