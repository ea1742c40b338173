"""How many entries are there, and how did they end? Numbers in memory, kept up to date.

For whoever watches a crawl: counting the rows takes a second at a million of them, and the
display wants the numbers twice a second. The accounting at the close counts the rows all the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from imagecrawl.frontier.entry import Counts, Entry
from imagecrawl.outcomes import Kind, Outcome


class Tally:
    """The numbers of one job, of all its runs together."""

    def __init__(self, counts: dict[Kind, Counts]) -> None:
        self._discovered = Counter({kind: one.discovered for kind, one in counts.items()})
        self._ended = Counter(
            {
                (kind, Outcome(outcome)): count
                for kind, one in counts.items()
                for outcome, count in one.outcomes.items()
            }
        )

    def discovered(self, kind: Kind) -> int:
        return self._discovered[kind]

    def ended(self, kind: Kind, outcome: Outcome) -> int:
        return self._ended[kind, outcome]

    def outcomes(self, kind: Kind) -> dict[Outcome, int]:
        return {outcome: self._ended[kind, outcome] for outcome in Outcome}

    def pending(self, kind: Kind) -> int:
        """Return how many are not settled: ready, waiting or in work."""
        return self._discovered[kind] - sum(self.outcomes(kind).values())

    def entered(self, entries: Iterable[Entry]) -> None:
        """Count what has come in: some of it has its outcome already."""
        for entry in entries:
            self._discovered[entry.kind] += 1
            if entry.outcome is not None:
                self._ended[entry.kind, entry.outcome] += 1

    def reopened(self, ends: Iterable[tuple[Kind, Outcome]]) -> None:
        """Count ends that are none."""
        self._ended.subtract(ends)

    def settled(self, before: Kind, kind: Kind, outcome: Outcome) -> None:
        """Count an end; what was a page *before* may have turned out to be an image."""
        if before is not kind:
            self._discovered[before] -= 1
            self._discovered[kind] += 1
        self._ended[kind, outcome] += 1
