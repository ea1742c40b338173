"""What happened when, entry by entry, and what was said of the images to crawlers?"""

from __future__ import annotations

from imagecrawl.frontier.ledger import Ledger
from imagecrawl.outcomes import Kind, Outcome
from imagecrawl.report.facts import HostLine, Reserved
from imagecrawl.report.timeline import Timeline

_RESERVING = frozenset({"noai", "noimageai", "noindex", "noimageindex", "none"})
"""What is said to all crawlers; ``none`` is ``noindex, nofollow``."""
_ON_DISK = {outcome.value for outcome in Outcome if outcome.has_file}


def follow(
    ledger: Ledger, times: Timeline | None, lines: dict[str, HostLine]
) -> tuple[int, int, Reserved]:
    """Fill in what happened when, and the bytes of each host; return the bytes that are on disk,
    those that were fetched, and what was said of them to crawlers."""
    stored = fetched = 0
    reserved = Reserved()
    for one in ledger.endings():
        if times is None:
            break
        part = times.part(one.at)
        if one.outcome in _ON_DISK and one.kind == Kind.IMAGE.value:
            times.images[part] += 1
            times.bytes[part] += one.size
            lines[one.host].size += one.size
            fetched += one.size
            stored += one.size if one.outcome == Outcome.STORED.value else 0
            if one.robots and (said := _RESERVING.intersection(one.robots)):
                reserved.images += 1
                reserved.directives.update(sorted(said))
        elif one.outcome == Outcome.FAILED.value:
            times.failures[part] += 1
    return stored, fetched, reserved
