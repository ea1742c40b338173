"""Which hosts were left alone, when, and for how long?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from imagecrawl.frontier.entry import Pause


@dataclass(frozen=True, slots=True)
class HostPauses:
    """The pauses of one host: *spans* are in Unix seconds, in order, and do not overlap."""

    host: str
    spans: list[tuple[float, float]]
    reasons: Counter[str]

    @property
    def secs(self) -> float:
        """For how many seconds in all."""
        return sum(until - began for began, until in self.spans)


def by_host(pauses: Iterable[Pause], end: float) -> list[HostPauses]:
    """Return the pauses by host, the one that was paused for longest first.

    What is meant to come after *end*, when the crawl ended, if not now, is cut off.
    """
    spans: dict[str, list[tuple[float, float]]] = {}
    reasons: dict[str, Counter[str]] = {}
    for pause in pauses:
        spans.setdefault(pause.host, []).append((pause.began, min(pause.until, end)))
        reasons.setdefault(pause.host, Counter())[pause.reason] += 1
    each = [HostPauses(host, merged(spans[host]), reasons[host]) for host in spans]
    return sorted(each, key=lambda one: (-one.secs, one.host))


def merged(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return *spans* in order, those that overlap (a pause that was made longer) as one."""
    found: list[tuple[float, float]] = []
    for began, until in sorted(spans):
        if found and began <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        elif until > began:
            found.append((began, until))
    return found
