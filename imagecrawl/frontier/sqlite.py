"""The frontier of one machine: a SQLite file in the job's folder.

One process writes it (:mod:`imagecrawl.frontier.lock` sees to that), so a lease needs no
expiry: whatever is leased when the file is opened belonged to a process that is gone.
Writes are grouped: a transaction stays open until the next lease, which commits it, or until
:meth:`SqliteFrontier.commit`. So what has been fetched and is not yet on record is never more
than what was in flight.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from imagecrawl.errors import JobError
from imagecrawl.frontier.beside import image_entry, image_range, parent_of
from imagecrawl.frontier.counting import count_rows
from imagecrawl.frontier.entry import Counts, Cursor, Entry, HostRow, Pause, Probe, Settlement
from imagecrawl.frontier.ring import HostRing
from imagecrawl.frontier.schema import DDL, PRAGMAS, VERSION, State
from imagecrawl.frontier.tally import Tally
from imagecrawl.outcomes import Kind, Outcome
from imagecrawl.text import clean_text

_INSERT = """INSERT OR IGNORE INTO entries
    (fingerprint, kind, host, url, request, priority, state, attempts, outcome, reason, message)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_LEASE = f"""UPDATE entries SET state = {State.LEASED.value} WHERE id = (
    SELECT id FROM entries WHERE state = {State.READY.value} AND host = ?
    ORDER BY priority DESC, id LIMIT 1)
    RETURNING id, fingerprint, kind, host, url, request, priority, attempts"""
# A probe. Of those that have failed the nearest to its end comes first; but none again and again,
# for it would run out of attempts while others wait.
_FAILED = _LEASE.replace(
    "ORDER BY priority DESC, id", "AND attempts IN (1, 2) ORDER BY attempts DESC, id"
)
_FRESH = _LEASE.replace("ORDER BY", "AND attempts = 0 ORDER BY")
_ANY = _LEASE.replace("ORDER BY priority DESC, id", "ORDER BY attempts, id")
_PROBES = {
    Probe.NONE: (_LEASE,),
    Probe.FAILED: (_FAILED, _FRESH, _ANY),
    Probe.FRESH: (_FRESH, _FAILED, _ANY),
}
_DUE = f"""UPDATE entries SET state = {State.READY.value}, due = NULL
    WHERE state = {State.WAITING.value} AND due <= ? RETURNING host"""
_POSTPONE = f"""UPDATE entries SET state = {State.WAITING.value}, attempts = ?, due = ?,
    reason = ?, message = ? WHERE id = ?"""
# A page that is crawled needs its request no more; a failure may be run again, and an image may
# vanish from the store.
_SETTLE = f"""UPDATE entries SET state = {State.SETTLED.value}, kind = ?, attempts = ?,
    outcome = ?, reason = ?, message = ?, record = ?, ended_at = ?,
    request = CASE WHEN ? = 'crawled' THEN x'' ELSE request END, due = NULL WHERE id = ?"""
_REQUEUE = f"""UPDATE entries SET state = {State.READY.value}, attempts = 0, outcome = NULL,
    reason = NULL, message = NULL, record = NULL, ended_at = NULL
    WHERE id = ?"""
_DISOWN = f"""DELETE FROM contents WHERE entry IN (
    SELECT id FROM entries WHERE state = {State.READY.value})"""
_FORGET_IMAGES = """DELETE FROM entries WHERE fingerprint > ? AND fingerprint < ?
    AND length(request) = 0 AND record IS NOT NULL"""
_REFUND = f"""UPDATE entries SET state = {State.READY.value}, due = NULL,
    attempts = max(0, attempts - 1) WHERE id = ? AND state = {State.WAITING.value}
    RETURNING host"""
_DISCOVER = """INSERT INTO discovered VALUES (?, ?)
    ON CONFLICT (kind) DO UPDATE SET count = count + excluded.count"""


_HASH_BYTES = 16
"""Of the SHA-256: enough to tell 10**15 contents apart, and half the index."""

_PAUSES_KEPT = 10_000


class _Stored(msgspec.Struct):
    path: str
    bytes: int


_record = msgspec.json.Decoder(_Stored)


class SqliteFrontier:
    """See :class:`imagecrawl.frontier.contract.Frontier`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._tally: Tally | None = None
        self._next_due: float | None
        # No implicit transactions: this class begins and commits its own.
        try:
            self._db = sqlite3.connect(path, isolation_level=None, cached_statements=64)
            self.taken_back = self._open()
        except sqlite3.DatabaseError as error:
            if hasattr(self, "_db"):
                self._db.close()
            advice = "run again with -a restart=true, or move the job's folder away"
            if isinstance(error, sqlite3.OperationalError):  # the disk's trouble, not the file's
                advice = "see to the disk and its permissions, and run again"
            raise JobError(f"{path} cannot be used ({error}): {advice}") from error

    def _open(self) -> int:
        for pragma in PRAGMAS:
            self._db.execute(pragma)
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version == 0:
            self._db.executescript(f"BEGIN IMMEDIATE; {DDL} COMMIT;")
        elif version != VERSION:
            raise sqlite3.DatabaseError(f"its version is {version}, not {VERSION}")
        taken_back = self._db.execute(
            f"UPDATE entries SET state = {State.READY.value} WHERE state = {State.LEASED.value}"
        ).rowcount
        self._ring = HostRing()
        ready = f"SELECT host, count(*) FROM entries WHERE state = {State.READY.value}"
        for host, count in self._db.execute(f"{ready} GROUP BY host"):
            self._ring.add(host, count)
        self._count_waiting()
        self._leased = 0
        self._claims: dict[bytes, int] = {}
        self._paused: dict[str, float] = {}
        self._pauses: list[tuple[float, str]] = []
        for host, row in self.hosts().items():
            self._pause(host, row.paused_until)
        return taken_back

    def _count_waiting(self) -> None:
        waiting = f"SELECT count(*), min(due) FROM entries WHERE state = {State.WAITING.value}"
        self._waiting, self._next_due = self._db.execute(waiting).fetchone()

    def _write(self, sql: str, values: Sequence[object]) -> sqlite3.Cursor:
        if not self._db.in_transaction:
            self._db.execute("BEGIN IMMEDIATE")
        return self._db.execute(sql, values)

    def enqueue(self, entries: Iterable[Entry], cursor: Cursor | None = None) -> int:
        new: list[Entry] = []
        self._write("SAVEPOINT batch", ())
        try:
            new += [entry for entry in entries if self._insert(entry)]
            for kind, count in Counter(entry.kind for entry in new).items():
                self._write(_DISCOVER, (kind.value, count))
        except BaseException:
            if self._db.in_transaction:  # a full disk has rolled back all of it already
                self._db.execute("ROLLBACK TO batch")
            raise
        finally:
            if self._db.in_transaction:
                self._db.execute("RELEASE batch")
        for entry in new:
            if entry.outcome is None:
                self._ring.add(entry.host)
        if self._tally is not None:
            self._tally.entered(new)
        if cursor is not None:
            self._write(
                "INSERT OR REPLACE INTO cursors VALUES (?, ?, ?)",
                (cursor.source, cursor.line, cursor.signature),
            )
        return len(new)

    def _insert(self, entry: Entry) -> bool:
        state = State.READY if entry.outcome is None else State.SETTLED
        values = (
            *(entry.fingerprint, entry.kind.value, entry.host, entry.url, entry.request),
            *(entry.priority, state.value, entry.attempts),
            *(entry.outcome and entry.outcome.value, entry.reason, entry.message),
        )
        return self._write(_INSERT, values).rowcount == 1

    def lease(
        self,
        limit: int,
        now: float,
        room: Callable[[str], int],
        probing: Callable[[str], Probe] = lambda host: Probe.NONE,
    ) -> list[Entry]:
        self._wake(now)
        leased = []
        for host in self._ring.take(limit, room):
            # All rows are fetched: a statement left unfinished would keep the commit from ending.
            statements = _PROBES[probing(host)]
            rows = (self._write(sql, (host,)).fetchall() for sql in statements)
            ((id_, fingerprint, kind, *rest),) = next(filter(None, rows))
            host, url, request, priority, attempts = rest
            leased.append(
                Entry(fingerprint, Kind(kind), host, url, request, priority, attempts, id=id_)
            )
        self._leased += len(leased)
        self.commit()
        return leased

    def _wake(self, now: float) -> None:
        """Make ready what is due, and let paused hosts go whose time has come."""
        if self._next_due is not None and self._next_due <= now:
            woken = self._write(_DUE, (now,)).fetchall()
            for (host,) in woken:
                self._ring.add(host)
            self._waiting -= len(woken)
            (self._next_due,) = self._db.execute(
                f"SELECT min(due) FROM entries WHERE state = {State.WAITING.value}"
            ).fetchone()
        while self._pauses and self._pauses[0][0] <= now:
            until, host = heapq.heappop(self._pauses)
            if self._paused.get(host) == until:
                del self._paused[host]
                self._ring.unpark(host)

    def postpone(self, entry: Entry, due: float, reason: str, message: str) -> None:
        entry.attempts += 1
        self._write(_POSTPONE, (entry.attempts, due, reason, clean_text(message), entry.id))
        self._unlease(entry)
        self._wait_until(due)

    def _wait_until(self, due: float) -> None:
        self._waiting += 1
        self._next_due = due if self._next_due is None else min(due, self._next_due)

    def defer(self, entry: Entry, due: float) -> None:
        sql = f"UPDATE entries SET state = {State.WAITING.value}, due = ? WHERE id = ?"
        self._write(sql, (due, entry.id))
        self._unlease(entry)
        self._wait_until(due)

    def cap_waits(self, latest: float) -> None:
        sql = f"UPDATE entries SET due = ? WHERE state = {State.WAITING.value} AND due > ?"
        self._write(sql, (latest, latest))
        self._count_waiting()

    def refund(self, entry_ids: Iterable[int]) -> int:
        hosts = [host for id_ in entry_ids for (host,) in self._write(_REFUND, (id_,)).fetchall()]
        for host in hosts:
            self._ring.add(host)
        self._waiting -= len(hosts)
        return len(hosts)

    def release(self, entry: Entry) -> None:
        sql = f"UPDATE entries SET state = {State.READY.value} WHERE id = ?"
        self._write(sql, (entry.id,))
        self._unlease(entry)
        self._ring.add(entry.host)

    def _unlease(self, entry: Entry) -> None:
        self._leased -= 1
        for content in [key for key, owner in self._claims.items() if owner == entry.id]:
            del self._claims[content]

    def settle(
        self,
        entry: Entry,
        settlement: Settlement,
        children: Sequence[Entry],
        now: float,
        images: Sequence[Settlement] = (),
    ) -> None:
        kind = settlement.kind or entry.kind
        outcome = settlement.outcome.value
        self.enqueue(children)
        self._write(
            _SETTLE,
            (
                *(kind.value, entry.attempts + 1, outcome, settlement.reason),
                *(settlement.message, settlement.record, now, outcome, entry.id),
            ),
        )
        if kind is not entry.kind:
            self._write(_DISCOVER, (entry.kind.value, -1))
            self._write(_DISCOVER, (kind.value, 1))
        self._keep_content(entry, settlement)
        if settlement.record is not None or images:
            self._settle_images(entry, images, now)
        self._unlease(entry)
        if self._tally is not None:
            self._tally.settled(entry.kind, kind, settlement.outcome)

    def _settle_images(self, parent: Entry, images: Sequence[Settlement], now: float) -> None:
        first, last = image_range(parent.fingerprint)
        self._count_forgotten(self._write(_FORGET_IMAGES, (first, last)).rowcount)
        for number, image in enumerate(images):
            entry = image_entry(parent, image, number)
            self.enqueue([entry])
            values = (image.record, now, entry.fingerprint)
            self._write("UPDATE entries SET record = ?, ended_at = ? WHERE fingerprint = ?", values)
            self._keep_content(parent, image)

    def _count_forgotten(self, count: int) -> None:
        if count:
            self._write(_DISCOVER, (Kind.IMAGE.value, -count))
            self._tally = None

    def claim(self, content_hash: bytes, entry_id: int) -> bool:
        # In memory, until it is certain that it is stored: another may yet be the first.
        content = content_hash[:_HASH_BYTES]
        row = self._db.execute("SELECT entry FROM contents WHERE hash = ?", (content,)).fetchone()
        owner = row[0] if row else self._claims.setdefault(content, entry_id)
        return bool(owner == entry_id)

    def _keep_content(self, entry: Entry, settlement: Settlement) -> None:
        if settlement.content is not None:
            content = settlement.content[:_HASH_BYTES]
            self._write("INSERT OR IGNORE INTO contents VALUES (?, ?)", (content, entry.id))

    def requeue_missing(self, present: Callable[[str, int], bool]) -> int:
        sql = """SELECT id, host, fingerprint, length(request), record FROM entries
            WHERE kind = ? AND record IS NOT NULL"""
        missing, beside = set(), []
        rows = self._db.execute(sql, (Kind.IMAGE.value,))
        for id_, host, fingerprint, has_request, record in rows:
            stored = _record.decode(record)
            if present(stored.path, stored.bytes):
                continue
            if has_request:
                missing.add((id_, host))
            else:
                beside.append((id_, parent_of(fingerprint)))
        count = len(missing) + len(beside)
        missing.update(self._forget_beside(beside))
        self._requeue(sorted(missing))
        if missing:
            self._write(_DISOWN, ())
        self.commit()
        return count

    def _forget_beside(self, images: Sequence[tuple[int, bytes]]) -> Iterator[tuple[int, str]]:
        """Forget *images*, and yield the parents that are to make them again."""
        self._count_forgotten(len(images))
        for id_, parent in images:
            self._write("DELETE FROM entries WHERE id = ?", (id_,))
            sql = "SELECT id, host FROM entries WHERE fingerprint = ? AND state = ?"
            yield from self._db.execute(sql, (parent, State.SETTLED.value)).fetchall()

    def requeue_failed(self, reasons: Collection[str] | None) -> int:
        sql = "SELECT id, host, reason FROM entries WHERE outcome = ? AND length(request) > 0"
        failed = [
            (id_, host)
            for id_, host, reason in self._db.execute(sql, (Outcome.FAILED.value,))
            if reasons is None or reason in reasons
        ]
        self._requeue(failed)
        for host in {host for _, host in failed}:
            if self._paused.get(host) is None:
                self.forget_host(host)
        self.commit()
        return len(failed)

    def _requeue(self, entries: Iterable[tuple[int, str]]) -> None:
        self._tally = None
        for id_, host in entries:
            self._write(_REQUEUE, (id_,))
            self._ring.add(host)

    def cursor(self, source: str) -> Cursor | None:
        sql = "SELECT source, line, signature FROM cursors WHERE source = ?"
        row = self._db.execute(sql, (source,)).fetchone()
        return Cursor(*row) if row else None

    def keep_host(self, host: str, row: HostRow) -> None:
        self._write(
            "INSERT OR REPLACE INTO hosts VALUES (?, ?, ?)", (host, row.paused_until, row.health)
        )
        self.commit()  # a kill -9 in the next moment must find it
        self._pause(host, row.paused_until)

    def _pause(self, host: str, until: float) -> None:
        if until:
            self._paused[host] = until
            heapq.heappush(self._pauses, (until, host))
            self._ring.park(host)
        elif self._paused.pop(host, None) is not None:
            self._ring.unpark(host)

    def forget_host(self, host: str) -> None:
        self._write("DELETE FROM hosts WHERE host = ?", (host,))
        self._pause(host, 0.0)

    def note_pause(self, pause: Pause) -> None:
        sql = "INSERT INTO pauses (host, began, until, reason) VALUES (?, ?, ?, ?)"
        values = (pause.host, pause.began, pause.until, pause.reason)
        newest = self._write(sql, values).lastrowid or 0
        self._write("DELETE FROM pauses WHERE id <= ?", (newest - _PAUSES_KEPT,))

    def hosts(self) -> dict[str, HostRow]:
        rows = self._db.execute("SELECT host, paused_until, health FROM hosts")
        return {host: HostRow(until, health) for host, until, health in rows}

    def page_urls(self, priority: int) -> list[str]:
        sql = "SELECT url FROM entries WHERE kind = ? AND priority < ?"
        return [url for (url,) in self._db.execute(sql, (Kind.PAGE.value, priority))]

    def ready(self) -> int:
        return self._ring.total

    def pending(self) -> int:
        return self._ring.total + int(self._waiting) + self._leased

    def waiting(self) -> int:
        return int(self._waiting)

    def next_retry(self) -> float | None:
        return self._next_due

    def paused(self) -> dict[str, float]:
        return dict(self._paused)

    def tally(self) -> Tally:
        if self._tally is None:
            self._tally = Tally({kind: self.counts(kind) for kind in Kind})
        return self._tally

    def next_due(self) -> float | None:
        times = [until for until, _ in self._pauses[:1]]
        if self._next_due is not None:
            times.append(self._next_due)
        return min(times, default=None)

    def drained(self) -> bool:
        return self.pending() == 0

    def counts(self, kind: Kind) -> Counts:
        return count_rows(self._db, kind)

    def commit(self) -> None:
        if self._db.in_transaction:
            self._db.execute("COMMIT")

    def close(self) -> None:
        self.commit()
        self._db.close()
