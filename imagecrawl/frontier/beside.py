"""Where is a second image of one response kept? In a row of its own, beside its parent's.

It has no Request: to have it again is to ask for its parent again, which its fingerprint names.
"""

from __future__ import annotations

from imagecrawl.frontier.entry import Entry, Settlement
from imagecrawl.outcomes import Kind

_MARK, _AFTER = b"#", b"$"


def image_entry(parent: Entry, image: Settlement, number: int) -> Entry:
    """Return the settled entry of the *image*, by its *number* among those beside *parent*."""
    return Entry(
        parent.fingerprint + _MARK + b"%d" % number,
        Kind.IMAGE,
        parent.host,
        parent.url,
        priority=parent.priority,
        attempts=parent.attempts + 1,
        outcome=image.outcome,
    )


def image_range(fingerprint: bytes) -> tuple[bytes, bytes]:
    """Return what the fingerprints of the images beside *fingerprint* are between."""
    return fingerprint + _MARK, fingerprint + _AFTER


def parent_of(fingerprint: bytes) -> bytes:
    """Return the fingerprint of the entry that the image with *fingerprint* is beside."""
    return fingerprint.rpartition(_MARK)[0]
