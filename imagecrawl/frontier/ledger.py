"""What do the rows of a job say? Read-only views of its entries, streamed, and their sums."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from imagecrawl.frontier.counting import count_rows
from imagecrawl.frontier.entry import Counts, HostRow, Pause
from imagecrawl.frontier.reading import reading
from imagecrawl.frontier.schema import State
from imagecrawl.outcomes import Kind, Outcome


class Group(NamedTuple):
    """How many entries are alike. Without an *outcome* they are pending, and the reason is that
    of their last failure, if there was one."""

    kind: str
    host: str
    outcome: str | None
    reason: str | None
    number: int


class Ending(NamedTuple):
    """One entry that has ended: *at* is in Unix seconds, *size* the bytes of its image or 0, and
    *robots* what was said of that to crawlers, beside robots.txt."""

    id: int
    kind: str
    host: str
    outcome: str
    at: float
    size: int
    robots: Sequence[str] = ()


class Missing(NamedTuple):
    """One entry that ended without an image (or page): *status* is its outcome."""

    kind: str
    url: str
    status: str
    reason: str | None
    message: str | None
    attempts: int


_MISSING = "kind, url, outcome, reason, message, attempts"
_ON_DISK = ", ".join(f"'{one.value}'" for one in Outcome if one.has_file)
_LOST = ", ".join(f"'{one.value}'" for one in Outcome if one.is_missing)
# Of each reason as many as of any other, and for each reason of each host as many as of any other.
_FAIRLY = f"""WITH
    by_host AS (SELECT id, reason, row_number() OVER (PARTITION BY reason, host ORDER BY id) AS turn
        FROM entries WHERE outcome = ?),
    by_reason AS (SELECT id, row_number() OVER (PARTITION BY reason ORDER BY turn, id) AS turn
        FROM by_host)
    SELECT id, {_MISSING} FROM
        (SELECT id, turn FROM by_reason ORDER BY turn, id LIMIT ?) JOIN entries USING (id)
    ORDER BY turn, id"""


class _Told(msgspec.Struct):
    bytes: int = 0
    robots: msgspec.Raw = msgspec.Raw(b"[]")


_told = msgspec.json.Decoder(_Told)
_NOTHING_TOLD = _Told()


def _directives(robots: msgspec.Raw) -> Sequence[str]:
    if len(robots) == 2:  # [], as nearly always
        return ()
    said = msgspec.json.decode(robots)  # a pipeline may have put anything there
    return [one for one in said if isinstance(one, str)] if isinstance(said, list) else ()


@contextmanager
def open_ledger(path: Path) -> Iterator[Ledger]:
    """Give a reader of the frontier's file *path*; raise :exc:`JobError` where it is broken."""
    with reading(path) as db:
        yield Ledger(db)


class Ledger:
    """A reader of a frontier's file; its sums agree while a crawl goes on writing."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def discovered(self) -> dict[str, int]:
        """Return how many entries of each kind have come in, counted when they came."""
        return dict(self._db.execute("SELECT kind, count FROM discovered"))

    def counts(self, kind: Kind) -> Counts:
        """Return the accounting, counted from the rows: a second for a million of them."""
        return count_rows(self._db, kind)

    def unsettled(self) -> tuple[int, int, int]:
        """Return how many entries are ready, waiting for a time, and in work."""
        # Each from a partial index: settled entries cost nothing.
        sql = "SELECT count(*) FROM entries WHERE state = {}"
        states = (State.READY, State.WAITING, State.LEASED)
        ready, waiting, leased = (
            self._db.execute(sql.format(state.value)).fetchone()[0] for state in states
        )
        return ready, waiting, leased

    def next_due(self) -> float | None:
        """Return when the next of the waiting is due, as a Unix time."""
        sql = f"SELECT min(due) FROM entries WHERE state = {State.WAITING.value}"
        due: float | None = self._db.execute(sql).fetchone()[0]
        return due

    def hosts(self) -> Iterator[tuple[str, HostRow]]:
        """Yield what is kept of each host that has had trouble."""
        for host, *row in self._db.execute("SELECT host, paused_until, health FROM hosts"):
            yield host, HostRow(*row)

    def groups(self) -> Iterator[Group]:
        """Yield all entries, counted by what they have in common."""
        sql = "SELECT kind, host, outcome, reason, count(*) FROM entries GROUP BY 1, 2, 3, 4"
        yield from map(Group._make, self._db.execute(sql))

    def span(self) -> tuple[float, float] | None:
        """Return when the first and the last entry ended, in Unix seconds."""
        sql = "SELECT min(ended_at), max(ended_at) FROM entries"
        first, last = self._db.execute(sql).fetchone()
        return None if first is None else (first, last)

    def endings(self) -> Iterator[Ending]:
        """Yield what has ended, in the order of discovery."""
        sql = """SELECT id, kind, host, outcome, ended_at, record FROM entries
            WHERE ended_at IS NOT NULL ORDER BY id"""
        for id_, kind, host, outcome, at, record in self._db.execute(sql):
            told = _told.decode(record) if record else _NOTHING_TOLD
            yield Ending(id_, kind, host, outcome, at, told.bytes, _directives(told.robots))

    def images(self) -> Iterator[bytes]:
        """Yield the record of each image that is on disk as JSON, in the order of discovery."""
        sql = f"""SELECT record FROM entries WHERE kind = ? AND outcome IN ({_ON_DISK})
            AND record IS NOT NULL ORDER BY id"""
        for (record,) in self._db.execute(sql, (Kind.IMAGE.value,)):
            yield record

    def stored(self) -> list[int]:
        """Return the entries of the images that are on disk, each once, in that order."""
        sql = "SELECT id FROM entries WHERE kind = ? AND outcome = ? ORDER BY id"
        rows = self._db.execute(sql, (Kind.IMAGE.value, Outcome.STORED.value))
        return [id_ for (id_,) in rows]

    def record(self, entry_id: int) -> dict[str, Any]:
        """Return what is known of a stored image; nothing if it has no record."""
        rows = self._db.execute("SELECT record FROM entries WHERE id = ?", (entry_id,)).fetchall()
        record: dict[str, Any] = msgspec.json.decode(rows[0][0]) if rows and rows[0][0] else {}
        return record

    def missing(self) -> Iterator[Missing]:
        """Yield each entry that ended without an image (or page), in the order of discovery."""
        sql = f"SELECT {_MISSING} FROM entries WHERE outcome IN ({_LOST}) ORDER BY id"
        yield from map(Missing._make, self._db.execute(sql))

    def failures(self, reasons: Collection[str] | None = None) -> Iterator[Missing]:
        """Yield what has failed, for one of *reasons* or for any."""
        for one in self.missing():
            if one.status == Outcome.FAILED.value and (reasons is None or one.reason in reasons):
                yield one

    def sample(self, outcome: Outcome, most: int) -> Iterator[tuple[int, Missing]]:
        """Yield *most* of what has ended as *outcome*, and the number of its discovery. However
        soon the reader stops, it has as much of each reason and host as there is, or can be."""
        for id_, *row in self._db.execute(_FAIRLY, (outcome.value, most)):
            yield id_, Missing._make(row)

    def pauses(self) -> list[Pause]:
        """Return when hosts were left alone, the oldest first; see ``Frontier.note_pause``."""
        sql = "SELECT host, began, until, reason FROM pauses"
        return [Pause(*row) for row in self._db.execute(sql)]
