"""What is kept of each host, and which are paused? Those get no turn in the ring."""

from __future__ import annotations

import heapq

from imagecrawl.frontier.database import Database
from imagecrawl.frontier.entry import HostRow, Pause
from imagecrawl.frontier.ring import HostRing

_PAUSES_KEPT = 10_000


class SqliteHostTable:
    """The tables ``hosts`` and ``pauses``: see :class:`imagecrawl.frontier.contract.HostTable`."""

    def __init__(self, db: Database, ring: HostRing) -> None:
        self._db = db
        self._ring = ring
        self._paused: dict[str, float] = {}
        self._ends: list[tuple[float, str]] = []  # a heap
        for host, row in self.all().items():
            self._pause(host, row.paused_until)

    def all(self) -> dict[str, HostRow]:
        rows = self._db.read("SELECT host, paused_until, health FROM hosts")
        return {host: HostRow(until, health) for host, until, health in rows}

    def keep(self, host: str, row: HostRow) -> None:
        values = (host, row.paused_until, row.health)
        self._db.write("INSERT OR REPLACE INTO hosts VALUES (?, ?, ?)", values)
        self._db.commit()  # a kill -9 in the next moment must find it
        self._pause(host, row.paused_until)

    def forget(self, host: str) -> None:
        self._db.write("DELETE FROM hosts WHERE host = ?", (host,))
        self._pause(host, 0.0)

    def note_pause(self, pause: Pause) -> None:
        sql = "INSERT INTO pauses (host, began, until, reason) VALUES (?, ?, ?, ?)"
        values = (pause.host, pause.began, pause.until, pause.reason)
        newest = self._db.write(sql, values).lastrowid or 0
        self._db.write("DELETE FROM pauses WHERE id <= ?", (newest - _PAUSES_KEPT,))

    def paused(self) -> dict[str, float]:
        return dict(self._paused)

    def next_end(self) -> float | None:
        """Return when the next pause ends."""
        return self._ends[0][0] if self._ends else None

    def wake(self, now: float) -> None:
        """Let the hosts go whose pause is over."""
        while self._ends and self._ends[0][0] <= now:
            until, host = heapq.heappop(self._ends)
            if self._paused.get(host) == until:
                del self._paused[host]
                self._ring.unpark(host)

    def _pause(self, host: str, until: float) -> None:
        if until:
            self._paused[host] = until
            heapq.heappush(self._ends, (until, host))
            self._ring.park(host)
        elif self._paused.pop(host, None) is not None:
            self._ring.unpark(host)
