"""What of an item whose image is known already? An entry of its own, that is not asked for again.

Scrapy's own pipeline gives each item its images; here an image is one entry. So an item that names
one which another item of the job has named waits until that has ended, and is answered from the
store, or fails as it has.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import msgspec
from scrapy import Request

from imagecrawl.frontier.entry import Settlement
from imagecrawl.meta import STORED_KEY
from imagecrawl.outcomes import Outcome

_SOON_SECS = 1.0
_MARK, _BEHIND_MARK = b"@", b"A"
_TAIL = 1 + hashlib.sha1(usedforsecurity=False).digest_size


class Original(NamedTuple):
    """The entry that was there first: *outcome* is ``None`` as long as it has not ended, and *due*
    when it is tried again, in Unix seconds, if it waits for that."""

    due: float | None
    outcome: Outcome | None
    reason: str | None
    message: str | None
    record: bytes | None

    def ending(self) -> Settlement | None:
        """Return how a later entry ends without being asked for: as this one has failed."""
        if self.outcome is None or self.outcome.has_file:
            return None
        return Settlement(self.outcome, self.reason, self.message)

    def awaited_until(self, now: float) -> float | None:
        """Return when to look again, if it has not ended; times are Unix seconds."""
        return max(now, self.due or 0.0) + _SOON_SECS if self.outcome is None else None

    def mark(self, request: Request) -> None:
        """Have *request* answered from the store, unless that has been tried, in vain."""
        if self.record is not None and not request.meta["retry_times"]:
            request.meta[STORED_KEY] = _path.decode(self.record).path


class _Record(msgspec.Struct):
    path: str


_path = msgspec.json.Decoder(_Record)


def place_of_item(parent: bytes, index: int) -> bytes:
    """Return what tells an item from others that name the same image: the *index* in the output
    of *parent*. So a page that is crawled again does not make it twice."""
    return hashlib.sha1(b"%s|%d" % (parent, index), usedforsecurity=False).digest()


def fingerprint_again(fingerprint: bytes, place: bytes) -> bytes:
    """Return the fingerprint of the entry of a later item, which is at *place*."""
    return fingerprint + _MARK + place


def range_again(fingerprint: bytes) -> tuple[bytes, bytes]:
    """Return between which fingerprints those of the later items are."""
    return fingerprint + _MARK, fingerprint + _BEHIND_MARK


def original_of(fingerprint: bytes) -> bytes | None:
    """Return the fingerprint of the entry that was there first, if this one may be a later one.

    A fingerprinter of the user's own may make fingerprints that look like it: then there is none.
    """
    looks_like_it = fingerprint[-_TAIL : -_TAIL + 1] == _MARK and len(fingerprint) > _TAIL
    return fingerprint[:-_TAIL] if looks_like_it else None
