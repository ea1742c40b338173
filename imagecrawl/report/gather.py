"""What do the rows of a job say of it?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from imagecrawl.frontier.entry import Counts
from imagecrawl.frontier.ledger import Group, Ledger, Missing
from imagecrawl.outcomes import Kind, Outcome
from imagecrawl.report.course import follow
from imagecrawl.report.facts import HostLine, JobFacts, Listing, ReasonLine
from imagecrawl.report.pauses import HostPauses, by_host
from imagecrawl.report.timeline import timeline
from imagecrawl.report.wording import MOST_ADDRESS, shortened, shown, weight

PENDING = "pending"
MOST_HOSTS = 100
MOST_PAUSED_HOSTS = 20
MOST_FAILURES = 10_000
MOST_OPT_OUTS = 500
FAILURES_BYTES = 2_400_000
OPT_OUTS_BYTES = 100_000
_ROW_BYTES = 260
"""What a row of a list costs in HTML besides its texts."""


def gather(ledger: Ledger, until: float) -> JobFacts:
    """Return the facts of a job that was worked on *until* then, a Unix time."""
    groups = list(ledger.groups())
    discovered = ledger.discovered()
    lines = _by_host(groups)
    paused = by_host(ledger.pauses(), until)
    span = _span(ledger, paused)
    times = timeline(*span) if span else None
    stored, fetched, reserved = follow(ledger, times, lines)
    ranked = sorted(lines.values(), key=lambda line: (-line.total, line.host))
    images = _counts(Kind.IMAGE, groups, discovered)
    pages = _counts(Kind.PAGE, groups, discovered)

    def listing(outcome: Outcome, most: int, room: int) -> Listing:
        total = sum(counts.outcomes.get(outcome.value, 0) for counts in (images, pages))
        return _listing(ledger.sample(outcome, most), room, total)

    return JobFacts(
        images=images,
        pages=pages,
        bytes_stored=stored,
        bytes_fetched=fetched,
        hosts=ranked[:MOST_HOSTS],
        host_count=len(ranked),
        others=_sum(ranked[MOST_HOSTS:]),
        reasons=_by_reason(groups),
        span=span,
        timeline=times,
        pauses=paused[:MOST_PAUSED_HOSTS],
        paused_hosts=len(paused),
        failures=listing(Outcome.FAILED, MOST_FAILURES, FAILURES_BYTES),
        opted_out=listing(Outcome.OPTED_OUT, MOST_OPT_OUTS, OPT_OUTS_BYTES),
        reserved=reserved,
    )


def _counts(kind: Kind, groups: Iterable[Group], discovered: dict[str, int]) -> Counts:
    outcomes: Counter[str] = Counter()
    reasons: dict[str, dict[str, int]] = {}
    for one in groups:
        if one.kind != kind.value:
            continue
        outcomes[one.outcome or PENDING] += one.number
        if one.outcome and one.reason:
            each = reasons.setdefault(one.outcome, {})
            each[one.reason] = each.get(one.reason, 0) + one.number
    pending = outcomes.pop(PENDING, 0)
    return Counts(discovered.get(kind.value, 0), pending, dict(outcomes), reasons)


def _by_host(groups: Iterable[Group]) -> dict[str, HostLine]:
    lines: dict[str, HostLine] = {}
    for one in groups:
        line = lines.setdefault(one.host, HostLine(one.host))
        side = line.images if one.kind == Kind.IMAGE.value else line.pages
        side[one.outcome or PENDING] += one.number
    return lines


def _sum(lines: list[HostLine]) -> HostLine | None:
    if not lines:
        return None
    rest = HostLine(f"{len(lines):,} more")
    for line in lines:
        rest.images.update(line.images)
        rest.pages.update(line.pages)
        rest.size += line.size
    return rest


def _by_reason(groups: Iterable[Group]) -> list[ReasonLine]:
    images: Counter[tuple[str, str]] = Counter()
    pages: Counter[tuple[str, str]] = Counter()
    for one in groups:
        side = images if one.kind == Kind.IMAGE.value else pages
        side[one.outcome or PENDING, one.reason or ""] += one.number
    order = {word: place for place, word in enumerate([*(o.value for o in Outcome), PENDING])}
    keys = sorted(
        images.keys() | pages.keys(),
        key=lambda key: (order.get(key[0], 99), -images[key] - pages[key], key[1]),
    )
    return [ReasonLine(*key, images[key], pages[key]) for key in keys]


def _span(ledger: Ledger, paused: Iterable[HostPauses]) -> tuple[float, float] | None:
    times = [time for host in paused for span in host.spans for time in span]
    times += ledger.span() or ()
    return (min(times), max(times)) if times else None


def _listing(sample: Iterable[tuple[int, Missing]], room: int, total: int) -> Listing:
    """Return what of *sample* has *room* (bytes of HTML), in the order of discovery."""
    rows: dict[int, Missing] = {}
    used = 0
    for id_, row in sample:
        url, message = shown(row.url, MOST_ADDRESS), shown(row.message or "", 200)
        used += _ROW_BYTES + weight(url) + weight(shortened(url)) + weight(message)
        if used > room:
            break
        rows[id_] = row._replace(url=url, reason=row.reason or "", message=message)
    return Listing([rows[id_] for id_ in sorted(rows)], total, min(used, room))
