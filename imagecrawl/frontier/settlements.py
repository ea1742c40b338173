"""How does an entry end? By what its lease has come to."""

from __future__ import annotations

import json

import msgspec

from imagecrawl.frontier.entry import Settlement
from imagecrawl.frontier.leases import Lease
from imagecrawl.items import ImageRecord
from imagecrawl.outcomes import Kind, Outcome, Reason

# What another URL would not mend; and a host that is down has its entries run again by choice.
_OUR_SIDE = frozenset(
    reason.value
    for reason in (
        *(Reason.SPIDER_ERROR, Reason.PIPELINE_ERROR, Reason.SHUTDOWN, Reason.DROPPED),
        *(Reason.HOST_DOWN, Reason.HOST_PAUSED, Reason.SWALLOWED, Reason.LOCAL),
    )
)

# A spider's item may hold anything: what JSON has no word for is written as its text.
_json = msgspec.json.Encoder(enc_hook=str)


def leaves_the_picture(settlement: Settlement) -> bool:
    """Tell whether another size of the picture may be had, and wanted, where this one is not."""
    if settlement.outcome is Outcome.FAILED:
        return settlement.reason not in _OUR_SIDE
    return settlement.reason in (Reason.TOO_LARGE.value, Reason.FORMAT.value)


def settlements(lease: Lease) -> list[Settlement]:
    """Return how the entry ends, and how each image does that is not its end."""
    images = [_of_image(record) for record in lease.records]
    if lease.failure is not None:
        failure = lease.failure
        return [Settlement(failure.outcome, failure.reason, failure.detail), *images]
    if images:
        return images
    if lease.entry.kind is Kind.IMAGE:
        return [Settlement(Outcome.FILTERED, Reason.DROPPED.value, "a pipeline dropped the image")]
    return [Settlement(Outcome.CRAWLED)]


def _of_image(record: ImageRecord) -> Settlement:
    outcome = Outcome(record["status"])
    content = bytes.fromhex(record["sha256"]) if outcome is Outcome.STORED else None
    return Settlement(outcome, record=_record(record), kind=Kind.IMAGE, content=content)


def _record(record: ImageRecord) -> bytes:
    try:
        return _json.encode(record)
    except UnicodeEncodeError:  # half a surrogate pair, from a page's broken script
        text = json.dumps(record, default=str, ensure_ascii=False)
        return text.encode("utf-8", "replace")
