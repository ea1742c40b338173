"""Whose turn is it? Round robin over the hosts that have something ready."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterator


class HostRing:
    """The hosts with ready entries, each with how many, in the order of their turns.

    A list sorted by host would otherwise keep one host busy and all others idle.
    """

    def __init__(self) -> None:
        self._ready: dict[str, int] = {}
        self._order: deque[str] = deque()
        self._parked: set[str] = set()
        self.total = 0

    def add(self, host: str, count: int = 1) -> None:
        """Say that *host* has *count* more ready entries."""
        if host not in self._ready:
            self._ready[host] = 0
            if host not in self._parked:
                self._order.append(host)
        self._ready[host] += count
        self.total += count

    def park(self, host: str) -> None:
        """Give *host* no turn until it is unparked: so a thousand dead hosts cost nothing."""
        if host not in self._parked:
            self._parked.add(host)
            self._leave_order(host)

    def unpark(self, host: str) -> None:
        """Give *host* turns again."""
        if host in self._parked:
            self._parked.remove(host)
            if host in self._ready:
                self._order.append(host)

    def take(self, limit: int, room: Callable[[str], int]) -> Iterator[str]:
        """Yield the hosts of the next *limit* turns; a host comes at most ``room(host)`` times.

        A host loses the ready entry of each turn it gets. One full round without a turn ends
        it: every host that is left has no room.
        """
        rooms: dict[str, int] = {}
        idle = 0
        while limit > 0 and idle < len(self._order):
            host = self._order.popleft()
            if host not in rooms:
                rooms[host] = room(host)
            if rooms[host] > 0:
                idle = 0
                limit -= 1
                rooms[host] -= 1
                self._take_one(host)
                yield host
            else:
                idle += 1
                self._order.append(host)

    def _leave_order(self, host: str) -> None:
        if host in self._ready:
            with contextlib.suppress(ValueError):
                self._order.remove(host)

    def _take_one(self, host: str) -> None:
        self.total -= 1
        self._ready[host] -= 1
        if self._ready[host]:
            self._order.append(host)
        else:
            del self._ready[host]
