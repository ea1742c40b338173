"""Which settled entries are asked for again? Those whose file is gone, or that have failed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

import msgspec

from imagecrawl.frontier.again import range_again
from imagecrawl.frontier.beside import parent_of
from imagecrawl.frontier.contents import Contents
from imagecrawl.frontier.database import Database
from imagecrawl.frontier.host_table import SqliteHostTable
from imagecrawl.frontier.ring import HostRing
from imagecrawl.frontier.schema import DISCOVER, State
from imagecrawl.outcomes import Kind, Outcome, Reason

_REQUEUE = f"""UPDATE entries SET state = {State.READY.value}, attempts = 0, outcome = NULL,
    reason = NULL, message = NULL, record = NULL, ended_at = NULL
    WHERE id = ?"""

# What was not even asked for has not been refused.
_REOPEN = f"""UPDATE entries SET state = {State.READY.value},
    outcome = NULL, message = NULL, ended_at = NULL
    WHERE id = ? AND outcome = ? AND reason {{}} AND length(request) > 0
    RETURNING kind, host, reason, fingerprint"""
_REFUSED = (
    (Outcome.FAILED, _REOPEN.format(f"<> '{Reason.HOST_DOWN.value}'")),
    (Outcome.FILTERED, _REOPEN.format(f"= '{Reason.REPLACED.value}'")),
)
# Later items that name the same image have ended as it has.
_REOPEN_LATER = f"""UPDATE entries SET state = {State.READY.value},
    outcome = NULL, message = NULL, ended_at = NULL
    WHERE fingerprint > ? AND fingerprint < ? AND outcome = ? AND reason = ?
    RETURNING kind, host, reason"""

_LATEST = f"""SELECT id, host, outcome, reason FROM entries WHERE state = {State.SETTLED.value}
    AND ended_at >= (SELECT max(ended_at) FROM entries) - ? ORDER BY ended_at DESC, id DESC"""
_GIVEN = {Outcome.STORED.value, Outcome.DUPLICATE.value, Outcome.CRAWLED.value}


class _Stored(msgspec.Struct):
    path: str
    bytes: int


_record = msgspec.json.Decoder(_Stored)


class Requeue:
    """See :meth:`Frontier.requeue_missing` and :meth:`Frontier.requeue_failed`."""

    def __init__(
        self, db: Database, ring: HostRing, contents: Contents, host_table: SqliteHostTable
    ) -> None:
        self._db = db
        self._ring = ring
        self._contents = contents
        self._host_table = host_table

    def missing(self, present: Callable[[str, int], bool]) -> int:
        sql = """SELECT id, host, fingerprint, length(request), record FROM entries
            WHERE kind = ? AND record IS NOT NULL"""
        missing, beside = set(), []
        for id_, host, fingerprint, has_request, record in self._db.read(sql, (Kind.IMAGE.value,)):
            stored = _record.decode(record)
            if present(stored.path, stored.bytes):
                continue
            if has_request:
                missing.add((id_, host))
            else:
                beside.append((id_, parent_of(fingerprint)))
        count = len(missing) + len(beside)
        missing.update(self._forget_beside(beside))
        self._make_ready(sorted(missing))
        if missing:
            self._contents.disown_ready()
        self._db.commit()
        return count

    def _forget_beside(self, images: Sequence[tuple[int, bytes]]) -> Iterator[tuple[int, str]]:
        """Forget *images*, and yield the parents that are to make them again."""
        if images:
            self._db.write(DISCOVER, (Kind.IMAGE.value, -len(images)))
        for id_, parent in images:
            self._db.write("DELETE FROM entries WHERE id = ?", (id_,))
            sql = "SELECT id, host FROM entries WHERE fingerprint = ? AND state = ?"
            yield from self._db.read(sql, (parent, State.SETTLED.value)).fetchall()

    def failed(self, reasons: Collection[str] | None) -> int:
        sql = "SELECT id, host, reason FROM entries WHERE outcome = ? AND length(request) > 0"
        failed = [
            (id_, host)
            for id_, host, reason in self._db.read(sql, (Outcome.FAILED.value,))
            if reasons is None or reason in reasons
        ]
        self._make_ready(failed)
        for host in {host for _, host in failed} - self._host_table.paused().keys():
            self._host_table.forget(host)
        self._db.commit()
        return len(failed)

    def these(self, entry_ids: Iterable[int]) -> list[tuple[Kind, Outcome, str]]:
        """See :meth:`Frontier.reopen`; what has ended in another way stays as it is."""
        reopened = []
        for id_ in entry_ids:
            for outcome, sql in _REFUSED:
                rows = self._db.write(sql, (id_, outcome.value)).fetchall()
                for *_, reason, fingerprint in list(rows):
                    later = (*range_again(fingerprint), outcome.value, reason)
                    rows += self._db.write(_REOPEN_LATER, later).fetchall()
                for kind, host, reason, *_ in rows:
                    self._ring.add(host)
                    reopened.append((Kind(kind), outcome, reason))
        return reopened

    def undecided(self, refusal: Callable[[str], bool], secs: float, most: int) -> list[int]:
        """See :meth:`Frontier.requeue_undecided`; return the entries."""
        refused: defaultdict[str, list[int]] = defaultdict(list)
        gave = set()
        for id_, host, outcome, reason in self._db.read(_LATEST, (secs,)):
            if outcome in _GIVEN:
                gave.add(host)
            elif outcome == Outcome.FAILED.value and host not in gave and refusal(reason):
                refused[host].append(id_)
        return [id_ for ids in refused.values() for id_ in ids[:most]]

    def _make_ready(self, entries: Iterable[tuple[int, str]]) -> None:
        for id_, host in entries:
            self._db.write(_REQUEUE, (id_,))
            self._ring.add(host)
