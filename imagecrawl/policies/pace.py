"""Does a host fail because of our speed, and is it to be asked more slowly? Pure."""

from __future__ import annotations

from imagecrawl.policies.failure_rate import FailureRate
from imagecrawl.policies.trial import Trial

_NO_CHANCE = 0.001
"""A run of failures means something when it is less likely than this, given how often the host
fails anyway: of one that resets every other request, two resets in a row say nothing."""
_SUSPICIOUS = 0.05
"""And it may mean something when it is less likely than this."""


class Pace:
    """How often one host fails, and what has come of asking it more slowly."""

    def __init__(self) -> None:
        self._rate = FailureRate()
        self._trial = Trial()
        self.in_vain = False
        """Whether asking more slowly has not helped: then it fails for reasons of its own."""

    def answered(self, delay: float, news: bool) -> None:
        """Note an answer to a request that was sent *delay* seconds after the one before; *news*
        tells that it was sent after the latest failure was known."""
        self._rate.succeeded()
        if news:
            self._trial.answered(delay)

    def failed(self, delay: float, number: int, sent: int) -> None:
        """Note a failure of such a request, the *number*-th of all *sent*."""
        self._rate.failed(number, sent)
        self._trial.failed(delay)

    def run_is_over(self, failures: int) -> None:
        """Learn that so many *failures* in a row meant nothing."""
        self._rate.run_is_over(failures)

    def is_suspicious(self, failures: int) -> bool:
        """Tell whether so many *failures* in a row may mean something."""
        return self._chance(failures) < _SUSPICIOUS

    def is_no_chance(self, failures: int) -> bool:
        """Tell whether so many *failures* in a row must mean something."""
        return self._chance(failures) < _NO_CHANCE

    def _chance(self, failures: int) -> float:
        return self._rate.chance(failures, limited=not self.in_vain)

    def is_too_fast(self) -> bool:
        """Tell, once, whether the host refuses so much that it should be asked more slowly."""
        return not self.in_vain and self._rate.is_much()

    def slowed(self, now: float) -> bool:
        """Note that the host is asked more slowly from *now* (seconds) on; return whether it has
        been in vain so far."""
        self._trial.slowed(now)
        if self._trial.in_vain:
            self.in_vain = True
            self._rate.is_at_least(self._trial.refused)
        return self.in_vain

    def again(self) -> None:
        """Put it to the test again: what happens now is something new."""
        self.in_vain = False
        self._trial.again()

    def most_delay(self) -> float:
        """Return the seconds between two requests at which all would be known."""
        return self._trial.most_delay()
