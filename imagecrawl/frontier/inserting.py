"""Which entries are new? Those whose fingerprint is not known, and later items that name an image
which is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from imagecrawl.frontier.again import fingerprint_again
from imagecrawl.frontier.database import Database
from imagecrawl.frontier.entry import Entry
from imagecrawl.frontier.schema import DISCOVER, State

_INSERT = """INSERT OR IGNORE INTO entries
    (fingerprint, kind, host, url, request, priority, state, attempts, outcome, reason, message)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""


def insert_new(db: Database, entries: Iterable[Entry]) -> list[Entry]:
    """Insert those of *entries* that are new, and return them: all of them or, with an error,
    none."""
    new: list[Entry] = []
    db.write("SAVEPOINT batch")
    try:
        new += [entry for entry in entries if _insert(db, entry)]
        for kind, count in Counter(entry.kind for entry in new).items():
            db.write(DISCOVER, (kind.value, count))
    except BaseException:
        if db.in_transaction:  # a full disk has rolled back all of it already
            db.read("ROLLBACK TO batch")
        raise
    finally:
        if db.in_transaction:
            db.read("RELEASE batch")
    return new


def _insert(db: Database, entry: Entry) -> bool:
    state = State.READY if entry.outcome is None else State.SETTLED
    values = (
        *(entry.kind.value, entry.host, entry.url, entry.request),
        *(entry.priority, state.value, entry.attempts),
        *(entry.outcome and entry.outcome.value, entry.reason, entry.message),
    )
    if db.write(_INSERT, (entry.fingerprint, *values)).rowcount == 1:
        return True
    if entry.place is None or _is_at(db, entry.fingerprint, entry.place):
        return False
    again = fingerprint_again(entry.fingerprint, entry.place)
    return db.write(_INSERT, (again, *values)).rowcount == 1


def _is_at(db: Database, fingerprint: bytes, place: bytes) -> bool:
    """Tell whether it is the item at *place* that the known entry is of."""
    sql = "SELECT instr(request, ?) FROM entries WHERE fingerprint = ?"
    return bool(db.read(sql, (place, fingerprint)).fetchone()[0])
