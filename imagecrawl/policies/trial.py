"""Does it help to ask a host more slowly?

A host that limits the rate serves so many requests a second, in whatever steps they come: asking
more slowly costs nothing, until the refusals end. One that refuses for reasons of its own (each
URL's first request, a share of all, one sick server of several) goes on refusing, and only the
throughput falls. So the two are told apart by what every slowing down tries out. Pure.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

_CYCLES = 2
"""So many cycles in a row make up a throughput."""
_LEAST_SECS = 1e-3
_COST = 0.5
"""Slowing down has not helped when it has left less than this share of the throughput."""
_SLOWEST = 4.0
"""No host is asked more slowly than at this part of the best throughput."""


@dataclass(frozen=True, slots=True)
class _Cycle:
    """From one slowing down to the next."""

    answers: int
    failures: int
    secs: float
    paced_secs: float


class Trial:
    """What has come of asking one host more and more slowly."""

    def __init__(self) -> None:
        self._best = 0.0  # throughput, in answers a second
        self._cycles = 0
        self._latest: deque[_Cycle] = deque(maxlen=_CYCLES)
        self._began: float | None = None
        self._answers = self._failures = 0
        self._paced_secs = 0.0

    def answered(self, delay: float) -> None:
        """Note an answer to a request that was sent *delay* seconds after the one before."""
        self._answers += 1
        self._paced_secs += delay

    def failed(self, delay: float) -> None:
        """Note a failure of such a request."""
        self._failures += 1
        self._paced_secs += delay

    def slowed(self, now: float) -> None:
        """Note that the host is asked more slowly from *now* (seconds) on."""
        if self._began is not None:
            secs = max(now - self._began, _LEAST_SECS)
            cycle = _Cycle(self._answers, self._failures, secs, self._paced_secs)
            self._latest.append(cycle)
            self._cycles += 1
            if len(self._latest) == _CYCLES:
                self._best = max(self._best, _throughput(self._latest))
        self._began, self._paced_secs = now, 0.0
        self._answers = self._failures = 0

    def again(self) -> None:
        """Begin anew, but remember how the host was when it was asked at full speed."""
        self._latest.clear()

    def most_delay(self) -> float:
        """Return the seconds between two requests at which all would be known."""
        return _SLOWEST / self._best if self._best else math.inf

    @property
    def in_vain(self) -> bool:
        """Whether asking more slowly has cost throughput, and ended no refusals.

        Only if the pace is what it has cost: a host that is asked for little, or that bans for
        longer and longer, has fewer answers, too.
        """
        if self._cycles < 2 * _CYCLES or len(self._latest) < _CYCLES:
            return False
        paced = sum(cycle.paced_secs for cycle in self._latest)
        secs = sum(cycle.secs for cycle in self._latest)
        return paced > _COST * secs and _throughput(self._latest) < _COST * self._best

    @property
    def refused(self) -> float:
        """The share of the requests that were refused when asked slowly."""
        failures = sum(cycle.failures for cycle in self._latest)
        answers = sum(cycle.answers for cycle in self._latest)
        return failures / max(1, failures + answers)


def _throughput(cycles: list[_Cycle] | deque[_Cycle]) -> float:
    return sum(cycle.answers for cycle in cycles) / sum(cycle.secs for cycle in cycles)
