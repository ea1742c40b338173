"""What does the log say of a host's troubles?

That they began, that they are long, and how they ended; each pause is a line at DEBUG. Of a
thousand dead hosts the first few of each minute are told.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from imagecrawl.logs.ration import QUIET, Ration
from imagecrawl.policies.health import HostHealth
from imagecrawl.policies.ticket import Event

# The breakers' lines have always come from there.
logger = logging.getLogger("imagecrawl.frontier.hosts")

_TOLD = 10
_EVERY_SECS = 60.0
_LONG_PAUSE_SECS = 60.0


class HostLog:
    """The log of one crawl's hosts."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._troubles, self._recoveries, self._losses, self._slowings = (
            Ration(_TOLD, _EVERY_SECS) for _ in range(4)
        )

    def in_trouble(
        self, host: str, event: Event, reason: str, pause: float, *, begins: bool
    ) -> None:
        """Tell what a failure has led to: a pause of so many seconds, or the end of patience.

        *begins* tells that from here on it is sure that the host is in trouble.
        """
        extra = {"host": host, "reason": reason, "wait": round(pause, 3)}
        if event is Event.GAVE_UP:
            told = self._losses.take(self._clock(), logging.WARNING)
            logger.log(
                told.level,
                "%s gives nothing (%s): it is given up, and what is asked of it fails as "
                "host_down. To run that again later: -a retry_failed=host_down%s",
                *(host, reason, told.tail),
                extra=extra,
            )
            return
        level, tail = logging.DEBUG, ""
        if begins or pause >= _LONG_PAUSE_SECS:
            told = self._troubles.take(self._clock())
            level, tail = told.level, told.tail
        message = "%s is in trouble (%s): it is left alone for %.1f s%s"
        logger.log(level, message, host, reason, pause, tail, extra=extra)

    def slowed(self, host: str, reason: str, delay: float) -> None:
        """Tell that *host* refuses so often that it is asked more slowly."""
        told = self._slowings.take(self._clock())
        logger.log(
            told.level,
            "%s fails often (%s): on with a request every %.2g s, to see whether that helps%s",
            *(host, reason, delay, told.tail),
            extra={"host": host, "reason": reason, "wait": round(delay, 3)},
        )

    def recovered(self, host: str, health: HostHealth, *, suspected: bool) -> None:
        """Tell that *host* answers again; it may have been no more than *suspected*."""
        told = QUIET if suspected else self._recoveries.take(self._clock())
        logger.log(
            told.level,
            "%s answers again, after %.0f s: on with a request every %.2g s, soon more%s",
            *(host, health.last_trouble_secs, health.delay, told.tail),
            extra={"host": host, "wait": round(health.delay, 3)},
        )
