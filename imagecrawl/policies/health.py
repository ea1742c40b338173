"""What is remembered of a host's troubles, and how fast may it be asked afterwards?

The rate comes back as it does in TCP (Jacobson, *Congestion Avoidance and Control*, 1988): cut
at the event, raised by successes. What is different: the cut, and how long it lasts, are in
proportion to the time that the trouble cost. Pure, and small enough to be kept on disk.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from imagecrawl.outcomes import Reason
from imagecrawl.policies.backoff import Backoff

DOWN = frozenset(
    reason.value
    for reason in (
        *(Reason.REFUSED, Reason.TIMEOUT, Reason.CONNECTION),
        *(Reason.DNS, Reason.TLS, Reason.PROXY),
    )
)
"""Failures of a server that is not there, rather than of one that will not."""
GONE = DOWN - {Reason.TIMEOUT.value}
"""Those that no single URL can be to blame for."""
CONNECTION = DOWN | {Reason.RESET.value, Reason.LOST.value}
"""All that an outage of the network can look like."""

_DELAY_PER_TROUBLE = 1 / 30
"""After a trouble of 30 s the host is asked once a second."""
_MOST_DELAY_PER_TROUBLE = 1 / 10
_CALM_PER_TROUBLE = 4.0
"""The delay falls to 1/e in four times the length of the trouble ..."""
_CALM_AFTER_DOWN = 0.5
"""... or in half of it, when the server had only been down."""
_LONGEST_TROUBLE_SECS = 300.0
_NO_DELAY_SECS = 0.01
_FIRST_DELAY_SECS = 0.05


@dataclass(frozen=True, slots=True)
class BreakerRules:
    """The settings of the breakers.

    ``thresholds`` says, by reason, how many failures in a row (a burst is one) open a breaker;
    other failures say nothing of the host. ``give_up_secs`` is how long a host may stay dead;
    one that has never answered is given up after ``rounds_unknown`` pauses: it gets no more
    patience than a single URL would.
    """

    thresholds: Mapping[str, int]
    pause: Backoff
    give_up_secs: float
    rounds_unknown: int
    start_delay_secs: float
    max_delay_secs: float


class HostHealth(msgspec.Struct, omit_defaults=True):
    """What a host's breaker keeps on disk. Times are Unix seconds, ``delay`` is seconds."""

    pauses: int = 0
    """Which pause of the present trouble this is (1, 2, 3 ...); 0 when there is none."""
    first: int = 0
    """With which it began."""
    paused_until: float = 0.0
    given_up: bool = False
    """Whether what is asked for during the pause fails at once."""
    since: float = 0.0
    """When the present trouble began."""
    level: int = 0
    """The pause that ended the last trouble."""
    last_trouble_secs: float = 0.0
    recovered_at: float = 0.0
    lost_secs: float = 0.0
    """What the troubles have cost since the host was last asked at full speed."""
    delay: float = 0.0
    calm_secs: float = 0.0
    """How long it takes the delay to fall to 1/e."""
    refuses: bool = False
    """Whether the present trouble is that it gives nothing, and answers otherwise."""
    witness: str = ""
    """The URL of what it gave before that; empty if there is none to ask for."""
    picture: bool = True
    """Whether that is a picture, and no page."""
    refused: list[int] = []
    """The entries that it has refused since."""

    @property
    def troubled(self) -> bool:
        """Whether there is anything that must not be forgotten."""
        return bool(self.pauses or self.delay)

    def recovered(self, now: float, pushed_back: bool, max_delay: float) -> None:
        """End the trouble: from here on the host is asked slowly, and faster bit by bit.

        *pushed_back* tells that the server answered with resets or refusals of its own, and
        did not merely vanish.
        """
        again = self.delay > 0  # not yet at full speed since the last one: it is our speed
        secs = min(_LONGEST_TROUBLE_SECS, max(0.0, now - self.since))
        self.lost_secs = min(_LONGEST_TROUBLE_SECS, self.lost_secs + secs)
        delay = max(2 * self.delay, self.lost_secs * _DELAY_PER_TROUBLE)
        self.delay = min(delay, self.lost_secs * _MOST_DELAY_PER_TROUBLE, max_delay)
        calm = _CALM_PER_TROUBLE if pushed_back or again else _CALM_AFTER_DOWN
        self.calm_secs = self.lost_secs * calm
        self.level, self.last_trouble_secs, self.recovered_at = self.pauses, secs, now
        self.end_pauses()

    def recovered_at_once(self, now: float) -> None:
        """End a trouble whose first probe got through: a short one, or none of the host's."""
        secs = max(0.0, now - self.since)
        self.delay = max(self.delay, secs * _DELAY_PER_TROUBLE)
        self.lost_secs = max(self.lost_secs, secs)
        self.calm_secs = max(self.calm_secs, secs * _CALM_PER_TROUBLE)
        self.level, self.last_trouble_secs, self.recovered_at = self.pauses, secs, now
        self.end_pauses()

    def end_pauses(self) -> None:
        self.pauses = self.first = 0
        self.given_up = self.refuses = False
        self.paused_until = self.since = 0.0
        self.witness, self.refused = "", []

    def succeeded(self) -> None:
        """Let the delay fall by what one success, ``delay`` seconds after the last, is worth."""
        if not self.delay:
            return
        self.delay *= math.exp(-self.delay / self.calm_secs) if self.calm_secs else 0.0
        if self.delay < _NO_DELAY_SECS:
            self.at_full_speed()

    def at_full_speed(self) -> None:
        self.delay = self.lost_secs = self.calm_secs = 0.0

    def slow_down(self, max_delay: float) -> None:
        """Have the host asked at half the speed, without any pause."""
        self.delay = min(max_delay, max(2 * self.delay, _FIRST_DELAY_SECS))
        self.lost_secs = max(self.lost_secs, self.delay / _DELAY_PER_TROUBLE)
        self.calm_secs = max(self.calm_secs, self.lost_secs * _CALM_PER_TROUBLE)

    def resumed(self, now: float, longest_pause: float) -> None:
        """Start the clock of a trouble that another process has known; its own clock may have
        been wrong, but no pause is longer than *longest_pause* seconds."""
        self.paused_until = min(self.paused_until, now + longest_pause)
        self.recovered_at = min(self.recovered_at, now)
        if self.given_up and self.refuses:
            # Neither the witness nor anything else was to be had: who comes again has new URLs.
            self.pauses, self.first, self.witness = 1, 1, ""
        if self.pauses:
            self.since, self.given_up = now, False
