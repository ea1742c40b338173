"""Is there another attempt, and when?"""

from __future__ import annotations

import random
from dataclasses import dataclass

from imagecrawl.policies.backoff import Backoff
from imagecrawl.policies.failures import Failure, Retry


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
