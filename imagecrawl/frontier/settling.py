"""How is the end of an entry written down?"""

from __future__ import annotations

from imagecrawl.frontier.beside import image_range
from imagecrawl.frontier.database import Database
from imagecrawl.frontier.entry import Entry, Settlement
from imagecrawl.frontier.schema import DISCOVER, State
from imagecrawl.outcomes import Kind

# A page that is crawled needs its request no more; a failure may be run again, and an image may
# vanish from the store.
_SETTLE = f"""UPDATE entries SET state = {State.SETTLED.value}, kind = ?, attempts = ?,
    outcome = ?, reason = ?, message = ?, record = ?, ended_at = ?,
    request = CASE WHEN ? = 'crawled' THEN x'' ELSE request END, due = NULL WHERE id = ?"""
_FORGET_IMAGES = """DELETE FROM entries WHERE fingerprint > ? AND fingerprint < ?
    AND length(request) = 0 AND record IS NOT NULL"""
_KEEP_IMAGE = "UPDATE entries SET record = ?, ended_at = ? WHERE fingerprint = ?"


def write_end(db: Database, entry: Entry, settlement: Settlement, now: float) -> None:
    """Write the end of *entry*: what was a page may have turned out to be an image."""
    kind, outcome = settlement.kind or entry.kind, settlement.outcome.value
    db.write(
        _SETTLE,
        (
            *(kind.value, entry.attempts + 1, outcome, settlement.reason),
            *(settlement.message, settlement.record, now, outcome, entry.id),
        ),
    )
    if kind is not entry.kind:
        db.write(DISCOVER, (entry.kind.value, -1))
        db.write(DISCOVER, (kind.value, 1))


def forget_images(db: Database, parent: Entry) -> int:
    """Forget the images beside *parent*, which has made them once more; return how many."""
    count = db.write(_FORGET_IMAGES, image_range(parent.fingerprint)).rowcount
    if count:
        db.write(DISCOVER, (Kind.IMAGE.value, -count))
    return count


def write_image(db: Database, entry: Entry, image: Settlement, now: float) -> None:
    """Write the record of an image beside another."""
    db.write(_KEEP_IMAGE, (image.record, now, entry.fingerprint))
