"""How often does a host fail, and is a run of failures more than that?

Exponentially weighted averages over its requests. Pure.
"""

from __future__ import annotations

import math

_USUAL = 0.03
_MOST_USUAL = 0.25
"""So many failures are taken for usual at most, until asking more slowly has not helped."""
_MUCH = 0.25
"""A host that refuses more than this share of the requests is asked too fast, it seems."""
_LITTLE = 0.02
_ENOUGH = 3
"""A burst of failures is one event, however large it is: so many must have come later."""
_FORGETTING = 0.05
"""The weight of the newest request in the averages."""


class FailureRate:
    """The share of the requests to one host that fail."""

    def __init__(self) -> None:
        self._usual = _USUAL
        self._lately = 0.0
        self._later = 0  # failures of requests sent after the first was known
        self._sent: int | None = None  # how many were sent by then

    def succeeded(self) -> None:
        """Note a success."""
        self._usual *= 1 - _FORGETTING
        self._lately *= 1 - _FORGETTING
        if self._lately < _LITTLE:
            self._begin_anew()

    def failed(self, number: int, sent: int) -> None:
        """Note that request *number* of the *sent* failed.

        What is usual is only learned from it when its run is over.
        """
        self._lately += (1 - self._lately) * _FORGETTING
        if self._sent is None:
            self._sent = sent
        self._later += number > self._sent

    def run_is_over(self, failures: int) -> None:
        """Learn that so many *failures* in a row meant nothing."""
        kept = math.pow(1 - _FORGETTING, failures)
        self._usual = max(_USUAL, 1 - (1 - self._usual) * kept)

    def is_at_least(self, share: float) -> None:
        """Learn that such a *share* of the requests fails at any speed."""
        self._usual = max(self._usual, share)

    def chance(self, failures: int, limited: bool) -> float:
        """Return how likely so many *failures* in a row are, if nothing has happened.

        *limited* tells that the host may be failing because of our speed.
        """
        return math.pow(min(self._usual, _MOST_USUAL) if limited else self._usual, failures)

    def is_much(self) -> bool:
        """Tell whether a large share fails, and begin to count anew if so."""
        if self._lately <= _MUCH or self._later < _ENOUGH:
            return False
        self._begin_anew()
        return True

    def _begin_anew(self) -> None:
        self._lately, self._later, self._sent = 0.0, 0, None
