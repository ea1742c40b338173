"""How long to wait before the next attempt?"""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential backoff with additive jitter.

    ``wait(n) = min(max_secs, base_secs * 2 ** (n - 1)) * (1 + U(0, jitter))``

    With the defaults 1, 2, 4, 8, 16, 32, 60, 60 ... seconds, each up to a quarter longer.
    The jitter only ever adds, and less than the doubling does: so the gaps between the
    attempts on one URL grow until the maximum is reached. ("Full jitter", as in the AWS
    Architecture Blog's *Exponential Backoff And Jitter*, would give that up.)
    """

    base_secs: float = 1.0
    max_secs: float = 60.0
    jitter: float = 0.25

    def __post_init__(self) -> None:
        if self.base_secs < 0 or self.max_secs < self.base_secs:
            raise ValueError("the base must be at least 0 and the maximum at least the base")
        if not 0 <= self.jitter <= 1:
            raise ValueError("the jitter must be between 0 and 1")

    def wait(self, failures: int, rng: random.Random) -> float:
        """Return the seconds to wait after *failures* failed attempts (1 for the first)."""
        # Above 2**63 nothing changes, and a float overflow would end the crawl.
        doubled: float = self.base_secs * 2 ** min(failures - 1, 63)
        return min(self.max_secs, doubled) * (1 + rng.uniform(0, self.jitter))
