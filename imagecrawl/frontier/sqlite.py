"""The frontier of one machine: a SQLite file in the job's folder.

One process writes it (:mod:`imagecrawl.jobs.lock` sees to that), so a lease needs no
expiry: whatever is leased when the file is opened belonged to a process that is gone.
Writes are grouped: a transaction stays open until the next lease, which commits it, or until
:meth:`SqliteFrontier.commit`. So what has been fetched and is not yet on record is never more
than what was in flight.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from imagecrawl.errors import JobError
from imagecrawl.frontier.again import Original, original_of
from imagecrawl.frontier.beside import image_entry
from imagecrawl.frontier.contents import Contents
from imagecrawl.frontier.counting import count_rows
from imagecrawl.frontier.database import Database
from imagecrawl.frontier.entry import Counts, Cursor, Entry, Probe, Settlement
from imagecrawl.frontier.host_table import SqliteHostTable
from imagecrawl.frontier.inserting import insert_new
from imagecrawl.frontier.leasing import lease_one
from imagecrawl.frontier.requeue import Requeue
from imagecrawl.frontier.ring import HostRing
from imagecrawl.frontier.schema import State
from imagecrawl.frontier.settling import forget_images, write_end, write_image
from imagecrawl.frontier.tally import Tally
from imagecrawl.frontier.waiting import Waiting
from imagecrawl.outcomes import Kind, Outcome
from imagecrawl.text import clean_text

_POSTPONE = "UPDATE entries SET attempts = ?, reason = ?, message = ? WHERE id = ?"
_REFUND = f"""UPDATE entries SET attempts = attempts - 1
    WHERE id = ? AND attempts > 0 AND state = {State.WAITING.value}"""


class SqliteFrontier:
    """See :class:`imagecrawl.frontier.contract.Frontier`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ring = HostRing()
        self._leased = 0
        self._tally: Tally | None = None
        try:
            self._db = Database(path)
            self.taken_back = self._take_back()
            self.host_table = SqliteHostTable(self._db, self._ring)
            self._waiting = Waiting(self._db, self._ring)
            self._contents = Contents(self._db)
            self._again = Requeue(self._db, self._ring, self._contents, self.host_table)
        except sqlite3.DatabaseError as error:
            if hasattr(self, "_db"):
                self._db.connection.close()
            advice = "run again with -a restart=true, or move the job's folder away"
            if isinstance(error, sqlite3.OperationalError):  # the disk's trouble, not the file's
                advice = "see to the disk and its permissions, and run again"
            raise JobError(f"{path} cannot be used ({error}): {advice}") from error

    def _take_back(self) -> int:
        sql = f"UPDATE entries SET state = {State.READY.value} WHERE state = {State.LEASED.value}"
        taken_back = self._db.read(sql).rowcount  # not in a transaction: durable at once
        ready = f"SELECT host, count(*) FROM entries WHERE state = {State.READY.value}"
        for host, count in self._db.read(f"{ready} GROUP BY host"):
            self._ring.add(host, count)
        return taken_back

    def enqueue(self, entries: Iterable[Entry], cursor: Cursor | None = None) -> int:
        new = insert_new(self._db, entries)
        for entry in new:
            if entry.outcome is None:
                self._ring.add(entry.host)
        if self._tally is not None:
            self._tally.entered(new)
        if cursor is not None:
            self._db.write(
                "INSERT OR REPLACE INTO cursors VALUES (?, ?, ?)",
                (cursor.source, cursor.line, cursor.signature),
            )
        return len(new)

    def lease(
        self,
        limit: int,
        now: float,
        room: Callable[[str], int],
        probing: Callable[[str], Probe] = lambda host: Probe.NONE,
    ) -> list[Entry]:
        self._waiting.wake(now)
        self.host_table.wake(now)
        leased = []
        for host in self._ring.take(limit, room):
            leased.append(lease_one(self._db, host, probing(host)))
        self._leased += len(leased)
        self.commit()
        return leased

    def postpone(self, entry: Entry, due: float, reason: str, message: str) -> None:
        entry.attempts += 1
        self._db.write(_POSTPONE, (entry.attempts, reason, clean_text(message), entry.id))
        self.defer(entry, due)

    def defer(self, entry: Entry, due: float) -> None:
        self._waiting.add(entry.id, due)
        self._unlease(entry)

    def cap_waits(self, latest: float) -> None:
        self._waiting.cap(latest)

    def refund(self, entry_ids: Iterable[int]) -> None:
        ids = list(entry_ids)
        for id_ in ids:
            self._db.write(_REFUND, (id_,))
        self._waiting.make_ready(ids)

    def reopen(self, entry_ids: Iterable[int]) -> list[tuple[Kind, Outcome, str]]:
        ids = list(entry_ids)
        self._waiting.make_ready(ids)
        reopened = self._again.these(ids)
        if self._tally is not None:
            self._tally.reopened((kind, outcome) for kind, outcome, _ in reopened)
        return reopened

    def release(self, entry: Entry) -> None:
        sql = f"UPDATE entries SET state = {State.READY.value} WHERE id = ?"
        self._db.write(sql, (entry.id,))
        self._unlease(entry)
        self._ring.add(entry.host)

    def _unlease(self, entry: Entry) -> None:
        self._leased -= 1
        self._contents.end_claims(entry.id)

    def settle(
        self,
        entry: Entry,
        settlement: Settlement,
        children: Sequence[Entry],
        now: float,
        images: Sequence[Settlement] = (),
    ) -> None:
        if children:
            self.enqueue(children)
        write_end(self._db, entry, settlement, now)
        self._contents.keep(settlement.content, entry.id)
        if settlement.record is not None or images:
            self._settle_images(entry, images, now)
        self._unlease(entry)
        if self._tally is not None:
            kind = settlement.kind or entry.kind
            self._tally.settled(entry.kind, kind, settlement.outcome)

    def _settle_images(self, parent: Entry, images: Sequence[Settlement], now: float) -> None:
        if forget_images(self._db, parent):
            self._tally = None
        for number, image in enumerate(images):
            entry = image_entry(parent, image, number)
            self.enqueue([entry])
            write_image(self._db, entry, image, now)
            self._contents.keep(image.content, parent.id)

    def original(self, entry: Entry) -> Original | None:
        fingerprint = original_of(entry.fingerprint)
        if fingerprint is None:
            return None
        sql = "SELECT due, outcome, reason, message, record FROM entries WHERE fingerprint = ?"
        for due, outcome, *others in self._db.read(sql, (fingerprint,)).fetchall():
            return Original(due, outcome and Outcome(outcome), *others)
        return None

    def claim(self, content_hash: bytes, entry_id: int) -> bool | None:
        return self._contents.claim(content_hash, entry_id)

    def requeue_missing(self, present: Callable[[str, int], bool]) -> int:
        self._tally = None
        return self._again.missing(present)

    def requeue_failed(self, reasons: Collection[str] | None) -> int:
        self._tally = None
        return self._again.failed(reasons)

    def requeue_undecided(self, refusal: Callable[[str], bool], secs: float, most: int) -> int:
        return len(self.reopen(self._again.undecided(refusal, secs, most)))

    def given(self) -> dict[str, str]:
        sql = "SELECT host, url FROM entries WHERE kind = ? AND outcome = ? ORDER BY id"
        return dict(self._db.read(sql, (Kind.IMAGE.value, Outcome.STORED.value)))

    def cursor(self, source: str) -> Cursor | None:
        sql = "SELECT source, line, signature FROM cursors WHERE source = ?"
        row = self._db.read(sql, (source,)).fetchone()
        return Cursor(*row) if row else None

    def page_urls(self, priority: int) -> list[str]:
        sql = "SELECT url FROM entries WHERE kind = ? AND priority < ?"
        return [url for (url,) in self._db.read(sql, (Kind.PAGE.value, priority))]

    def ready(self) -> int:
        return self._ring.total

    def pending(self) -> int:
        return self._ring.total + self._waiting.count + self._leased

    def waiting(self) -> int:
        return self._waiting.count

    def next_retry(self) -> float | None:
        return self._waiting.next_due

    def tally(self) -> Tally:
        if self._tally is None:
            self._tally = Tally({kind: self.counts(kind) for kind in Kind})
        return self._tally

    def next_due(self) -> float | None:
        times = (self.host_table.next_end(), self._waiting.next_due)
        return min((time for time in times if time is not None), default=None)

    def drained(self) -> bool:
        return self.pending() == 0

    def counts(self, kind: Kind) -> Counts:
        return count_rows(self._db.connection, kind)

    def commit(self) -> None:
        self._db.commit()

    def close(self) -> None:
        self._db.close()
