"""How many entries of a host may be leased now, so that it is not asked too fast?"""

from __future__ import annotations

from collections.abc import Callable

from imagecrawl.frontier.hosts import Hosts

_SLOW_HOST_DELAY_SECS = 0.02
"""From this delay on a host's requests wait here, and not in the downloader, where they would
take up the places of other hosts."""


class Pacing:
    """Keeps the delays of hosts at the lease. Times are Unix seconds.

    *delay_of* returns the delay of the downloader's slot; *most* is how many hosts are
    remembered.
    """

    def __init__(self, hosts: Hosts, delay_of: Callable[[str], float], most: int) -> None:
        self._hosts = hosts
        self._delay_of = delay_of
        self._most = most
        self._last: dict[str, float] = {}
        self.until: float | None = None
        """When the next host that has been refused since :meth:`begin` may be leased again."""

    def begin(self, now: float) -> Callable[[str], int]:
        """Return what tells how many entries of a host may be leased *now*."""
        self.until = None
        return lambda host: self._room(host, now)

    def leased(self, host: str, now: float) -> None:
        """Note when *host* was asked; of hosts, the latest few are enough."""
        self._last.pop(host, None)
        self._last[host] = now
        if len(self._last) > self._most:
            del self._last[next(iter(self._last))]

    def _room(self, host: str, now: float) -> int:
        room = self._hosts.room(host)
        delay = max(self._delay_of(host), self._hosts.delay(host))
        if delay < _SLOW_HOST_DELAY_SECS:
            return room
        # One at a time waits in the downloader, whose slot keeps the delay.
        last = self._last.get(host, 0.0)
        if last > now:  # the clock has been put back
            last = self._last[host] = now
        at = max(last, now if self._hosts.unsent(host) else 0.0)
        at += delay / 2
        if at > now:
            self.until = at if self.until is None else min(at, self.until)
            return 0
        return min(1, room)
