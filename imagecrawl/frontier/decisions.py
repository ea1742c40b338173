"""What does the log say of each decision: an attempt that failed, an entry that is given up?

A line each at DEBUG. At INFO the first of a kind, and final failures up to a limit: a host that
goes bad with a thousand images is one event, which :mod:`imagecrawl.frontier.hosts` tells.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection

from imagecrawl.frontier.entry import Entry, Settlement
from imagecrawl.logs.ration import Ration
from imagecrawl.outcomes import Kind, Outcome
from imagecrawl.policies.failures import Failure

logger = logging.getLogger(__name__)

_FAILURES_TOLD = 20
_OF_A_KIND_TOLD = 1


class DecisionLog:
    """The log of one crawl's decisions."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures = Ration(_FAILURES_TOLD)
        self._kinds: defaultdict[str, Ration] = defaultdict(lambda: Ration(_OF_A_KIND_TOLD))

    def postponed(
        self, entry: Entry, host: str, attempt: int, failure: Failure, wait: float
    ) -> None:
        """Tell that an attempt failed, and when the next one is: in *wait* seconds."""
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

    def reopened(self, failed: Collection[tuple[Kind, str]]) -> None:
        """Tell which entries have not failed after all: their host refused everything."""
        if failed:
            reasons = ", ".join(sorted({reason for _, reason in failed}))
            logger.info(
                "%d failures were none: the host refused everything (%s). They are tried again",
                *(len(failed), reasons),
            )

    def ended(self, entry: Entry, settlement: Settlement) -> None:
        """Tell that an entry has ended without what was asked for."""
        if settlement.reason is None:
            return
        outcome, attempt = settlement.outcome, entry.attempts + 1
        ration = self._kinds[f"{outcome.value}/{settlement.reason}"]
        if outcome is Outcome.FAILED:
            ration = self._failures
        told = ration.take(self._clock())
        tail = told.tail
        if tail and outcome is Outcome.FAILED:
            tail = "; further failures are counted: scrapy failures lists them all"
        logger.log(
            told.level,
            "%s %s: %s (%s), attempt %d, the last one%s",
            *(outcome.value, entry.url, settlement.reason, settlement.message, attempt, tail),
            extra={
                "url": entry.url,
                "host": entry.host,
                "attempt": attempt,
                "reason": settlement.reason,
            },
        )
