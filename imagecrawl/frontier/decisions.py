"""What do the log and the stats say of each decision: an attempt that failed, an entry that ended?

A line each at DEBUG. At INFO the first of a kind, and final failures up to a limit: a host that
goes bad with a thousand images is one event, which :mod:`imagecrawl.frontier.hosts` tells.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection

from scrapy.statscollectors import StatsCollector

from imagecrawl.frontier.entry import Entry, Settlement
from imagecrawl.logs.ration import QUIET, Ration, Told
from imagecrawl.outcomes import Kind, Outcome
from imagecrawl.policies.failures import Failure
from imagecrawl.typed import scrapy_command

logger = logging.getLogger(__name__)

_FAILURES_TOLD = 20
_OF_A_KIND_TOLD = 1


class Decisions:
    """Counts and tells the decisions of one crawl."""

    def __init__(self, clock: Callable[[], float], stats: StatsCollector) -> None:
        self._clock = clock
        self._stats = stats
        self._failures = Ration(_FAILURES_TOLD)
        self._kinds: defaultdict[str, Ration] = defaultdict(lambda: Ration(_OF_A_KIND_TOLD))

    def postponed(
        self, entry: Entry, host: str, attempt: int, failure: Failure, wait: float
    ) -> None:
        """Tell that an attempt failed, and when the next one is: in *wait* seconds."""
        self._stats.inc_value(f"imagecrawl/retry/{failure.reason}")
        told = self._kinds[failure.reason].take(self._clock())
        logger.log(
            told.level,
            "attempt %d of %s failed: %s (%s); next one in %.1f s%s",
            *(attempt, entry.url, failure.reason, failure.detail, wait, told.tail),
            extra={
                "url": entry.url,
                "host": host,
                "attempt": attempt,
                "reason": failure.reason,
                "wait": round(wait, 3),
            },
        )

    def reopened(self, ends: Collection[tuple[Kind, Outcome, str]]) -> None:
        """Tell which entries have not ended after all: their host refused everything."""
        for kind, outcome, reason in ends:
            if self._stats.get_value(f"imagecrawl/{kind.value}s/{outcome.value}/{reason}"):
                self.count(kind, outcome, reason, -1)  # of this run
        if ends:
            reasons = ", ".join(sorted({reason for *_, reason in ends}))
            logger.info(
                "%d failures (%s) may have been none: they are tried again",
                *(len(ends), reasons),
            )

    def count(
        self, kind: Kind, outcome: Outcome, reason: str | None = None, count: int = 1
    ) -> None:
        """Count an end that nothing is to be told of."""
        self._stats.inc_value(f"imagecrawl/{kind.value}s/{outcome.value}", count)
        if reason is not None:
            self._stats.inc_value(f"imagecrawl/{kind.value}s/{outcome.value}/{reason}", count)

    def ended(self, entry: Entry, settlement: Settlement) -> None:
        """Tell that an entry has ended, unless it has what was asked for."""
        self.count(settlement.kind or entry.kind, settlement.outcome, settlement.reason)
        if settlement.reason is None:
            return
        outcome, attempt = settlement.outcome, entry.attempts + 1
        told = self._told(outcome, settlement.reason)
        logger.log(
            told.level,
            "%s %s: %s (%s), attempt %d, the last one%s",
            *(outcome.value, entry.url, settlement.reason, settlement.message, attempt, told.tail),
            extra={
                "url": entry.url,
                "host": entry.host,
                "attempt": attempt,
                "reason": settlement.reason,
            },
        )

    def _told(self, outcome: Outcome, reason: str) -> Told:
        """Return how an end is told: a reason that comes up after thousands of dead links, too."""
        now = self._clock()
        of_its_kind = self._kinds[f"{outcome.value}/{reason}"].take(now)
        if outcome is not Outcome.FAILED:
            return of_its_kind
        told = self._failures.take(now)
        if told.tail or (told is QUIET and of_its_kind is not QUIET):
            lists = f"{scrapy_command('failures')} lists them all"
            return Told(logging.INFO, f"; further failures are counted: {lists}")
        return told
