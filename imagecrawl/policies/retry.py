"""Is there another attempt, and when?"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from imagecrawl.policies.backoff import Backoff
from imagecrawl.policies.failures import Failure, Retry


def own_times(meta: Mapping[str, Any]) -> int | None:
    """Return how often a request with this *meta* may be tried again at most, if it says so, in
    Scrapy's words: ``dont_retry``, ``max_retry_times``."""
    times: int | None = 0 if meta.get("dont_retry") else meta.get("max_retry_times")
    return times


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """At most *times* retries of a failure that may pass, *few* of one that hardly will.

    *times* is ``RETRY_TIMES``: 10 means eleven attempts in all.
    """

    times: int
    few: int
    backoff: Backoff

    def next_wait(
        self, failure: Failure, failures: int, rng: random.Random, times: int | None = None
    ) -> float | None:
        """Return the seconds until the next attempt, or ``None`` when *failure* is final.

        *failures* counts the failed attempts so far, this one included; *times* is what the
        request's own ``max_retry_times`` says, if anything.
        """
        allowed = self.times if times is None else times
        if failure.retry is Retry.NO:
            return None
        if failure.retry is Retry.FEW:
            allowed = min(allowed, self.few)
        return self.backoff.wait(failures, rng) if failures <= allowed else None
