"""What do the rows of a job add up to? Read-only, and all of it of one moment."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from imagecrawl.errors import JobError
from imagecrawl.frontier.entry import Pause
from imagecrawl.frontier.schema import VERSION
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
    """One entry that has ended: *at* is in Unix seconds, *size* the bytes of its image or 0."""

    id: int
    kind: str
    host: str
    outcome: str
    at: float
    size: int


class Missing(NamedTuple):
    """One entry that ended without an image (or page), and why."""

    kind: str
    url: str
    reason: str
    message: str
    attempts: int


class _Sized(msgspec.Struct):
    bytes: int = 0


_sized = msgspec.json.Decoder(_Sized)


class Snapshot:
    """A reader of a frontier's file in one read transaction: its sums agree with each other
    while a crawl goes on writing. Every method raises :exc:`JobError` if the file is broken."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._db = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None
            )
        except sqlite3.Error as error:
            raise JobError(f"{path} cannot be read: {error}") from error
        try:
            for _ in self._rows("BEGIN"):
                pass
            ((version,),) = self._rows("PRAGMA user_version")
            if version != VERSION:
                raise JobError(f"{path} cannot be read: its version is {version}, not {VERSION}")
        except BaseException:
            self._db.close()
            raise

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(self, *args: object) -> None:
        self._db.close()

    def _rows(self, sql: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self._db.execute(sql, values)
        except sqlite3.Error as error:
            raise JobError(f"{self._path} cannot be read: {error}") from error

    def discovered(self) -> dict[str, int]:
        """Return how many entries of each kind have come in, counted when they came."""
        return dict(self._rows("SELECT kind, count FROM discovered"))

    def groups(self) -> Iterator[Group]:
        """Yield all entries, counted by what they have in common."""
        sql = "SELECT kind, host, outcome, reason, count(*) FROM entries GROUP BY 1, 2, 3, 4"
        yield from map(Group._make, self._rows(sql))

    def span(self) -> tuple[float, float] | None:
        """Return when the first and the last entry ended, in Unix seconds."""
        ((first, last),) = self._rows("SELECT min(ended_at), max(ended_at) FROM entries")
        return None if first is None else (first, last)

    def endings(self) -> Iterator[Ending]:
        """Yield what has ended, in the order of discovery."""
        sql = """SELECT id, kind, host, outcome, ended_at, record FROM entries
            WHERE ended_at IS NOT NULL ORDER BY id"""
        for id_, kind, host, outcome, at, record in self._rows(sql):
            size = _sized.decode(record).bytes if record else 0
            yield Ending(id_, kind, host, outcome, at, size)

    def record(self, entry_id: int) -> dict[str, Any]:
        """Return what is known of a stored image; nothing if it has no record."""
        rows = list(self._rows("SELECT record FROM entries WHERE id = ?", (entry_id,)))
        record: dict[str, Any] = msgspec.json.decode(rows[0][0]) if rows and rows[0][0] else {}
        return record

    def stored(self) -> list[int]:
        """Return the entries of the images that are on disk, in the order of discovery."""
        sql = "SELECT id FROM entries WHERE kind = ? AND outcome = ? ORDER BY id"
        return [id_ for (id_,) in self._rows(sql, (Kind.IMAGE.value, Outcome.STORED.value))]

    def missing(self, outcome: Outcome) -> Iterator[Missing]:
        """Yield what has ended as *outcome*, in the order of discovery."""
        sql = """SELECT kind, url, coalesce(reason, ''), coalesce(message, ''), attempts
            FROM entries WHERE outcome = ? ORDER BY id"""
        yield from map(Missing._make, self._rows(sql, (outcome.value,)))

    def pauses(self) -> list[Pause]:
        """Return when hosts were left alone, the oldest first; see ``Frontier.note_pause``."""
        return [Pause(*row) for row in self._rows("SELECT host, began, until, reason FROM pauses")]
