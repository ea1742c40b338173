"""Which entries wait for a time: retries, mostly."""

from __future__ import annotations

from collections.abc import Iterable

from imagecrawl.frontier.database import Database
from imagecrawl.frontier.ring import HostRing
from imagecrawl.frontier.schema import State

_WAIT = f"UPDATE entries SET state = {State.WAITING.value}, due = ? WHERE id = ?"
_DUE = f"""UPDATE entries SET state = {State.READY.value}, due = NULL
    WHERE state = {State.WAITING.value} AND due <= ? RETURNING host"""
_CAP = f"UPDATE entries SET due = ? WHERE state = {State.WAITING.value} AND due > ?"
_READY = f"""UPDATE entries SET state = {State.READY.value}, due = NULL
    WHERE id = ? AND state = {State.WAITING.value} RETURNING host"""


class Waiting:
    """The waiting entries of a frontier. Times are Unix seconds."""

    def __init__(self, db: Database, ring: HostRing) -> None:
        self._db = db
        self._ring = ring
        self.count = 0
        self.next_due: float | None = None
        self._recount()

    def _recount(self) -> None:
        sql = f"SELECT count(*), min(due) FROM entries WHERE state = {State.WAITING.value}"
        self.count, self.next_due = self._db.read(sql).fetchone()

    def add(self, entry_id: int, due: float) -> None:
        """Let an entry wait until *due*."""
        self._db.write(_WAIT, (due, entry_id))
        self.count += 1
        self.next_due = due if self.next_due is None else min(due, self.next_due)

    def wake(self, now: float) -> None:
        """Make ready what is due."""
        if self.next_due is None or self.next_due > now:
            return
        woken = self._db.write(_DUE, (now,)).fetchall()
        for (host,) in woken:
            self._ring.add(host)
        self.count -= len(woken)
        sql = f"SELECT min(due) FROM entries WHERE state = {State.WAITING.value}"
        (self.next_due,) = self._db.read(sql).fetchone()

    def cap(self, latest: float) -> None:
        """Let nothing wait for longer than until *latest*."""
        self._db.write(_CAP, (latest, latest))
        self._recount()

    def make_ready(self, entry_ids: Iterable[int]) -> None:
        """Make ready those of the entries that wait."""
        hosts = [host for id_ in entry_ids for (host,) in self._db.write(_READY, (id_,)).fetchall()]
        for host in hosts:
            self._ring.add(host)
        self.count -= len(hosts)
