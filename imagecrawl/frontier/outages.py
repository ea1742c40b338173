"""What happens while the network is down?

Nothing is sent but one probe at a time, and no entry's attempts are spent.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable

from imagecrawl.config import HostConfig
from imagecrawl.discovery.sites import site_of
from imagecrawl.logs.ration import Ration, Told
from imagecrawl.policies.backoff import Backoff
from imagecrawl.policies.health import CONNECTION
from imagecrawl.policies.outage import Change, OutageDetector
from imagecrawl.policies.ticket import Ticket

logger = logging.getLogger(__name__)

_LONGEST_PAUSE_SECS = 15.0
_TOLD = 2
_EVERY_SECS = 600.0


class Outages:
    """The outage detector with its pauses and its log."""

    def __init__(self, config: HostConfig, clock: Callable[[], float], rng: random.Random) -> None:
        self._detector = OutageDetector(config.outage_hosts, config.outage_window_secs)
        self._give_up_secs = config.breaker.give_up_secs
        backoff = config.breaker.pause
        longest = max(backoff.base_secs, min(_LONGEST_PAUSE_SECS, backoff.max_secs))
        self._pause = Backoff(backoff.base_secs, longest, backoff.jitter)
        self._clock = clock
        self._rng = rng
        self._pauses = 0
        self._until = 0.0
        self.probe: Ticket | None = None
        # Hosts that all fail now and then look like an outage each time, and come back at once.
        self._ration = Ration(_TOLD, _EVERY_SECS)
        self._told = Told(logging.WARNING)

    @property
    def active(self) -> bool:
        return self._detector.active

    @property
    def since(self) -> float:
        return self._detector.since

    def next_probe(self) -> float | None:
        """Return when the network is tried again, as a Unix time; ``None`` if it is not down."""
        return self._until if self.active else None

    def may_probe(self) -> bool:
        """Return whether a request may be sent now, as the probe."""
        return self.probe is None and self._clock() >= self._until

    def room(self, unsent: int) -> int:
        """Return how many entries may be leased while the network is down: one in all."""
        return 1 if self.may_probe() and not unsent else 0

    def answered(self, host: str) -> None:
        if self._detector.answered(_site(host)) is Change.ENDED:
            logger.log(
                self._told.level,
                "the network is back after %.0f s: the crawl goes on%s",
                *(self._clock() - self.since, self._told.tail),
            )

    def failed(self, host: str, reason: str) -> bool:
        """Note a failure; return whether it has shown that the network is down."""
        if reason not in CONNECTION:
            return False
        now = self._clock()
        if self.active:
            self._again(now)
            return False
        if self._detector.failed(_site(host), now) is not Change.BEGUN:
            return False
        self._told = self._ration.take(now, logging.WARNING)
        logger.log(
            self._told.level,
            "the network seems to be down: no host answers any more. Everything waits until it "
            "is back, and no attempt is counted",
        )
        self._pauses = 0
        self._again(now)
        return True

    def _again(self, now: float) -> None:
        if now - self.since >= self._give_up_secs:
            logger.warning(
                "nothing has answered for %.0f s: from here on each host stands for itself",
                now - self.since,
            )
            self._detector.give_up()
            return
        if now >= self._until:
            self._pauses += 1
            self._until = now + self._pause.wait(self._pauses, self._rng)


def _site(host: str) -> str:
    return site_of(f"http://{host}/") or host
