"""How does the SQLite file of a job look?"""

from __future__ import annotations

from enum import IntEnum

VERSION = 3
"""``PRAGMA user_version`` of the files this code reads and writes."""


class State(IntEnum):
    """Where an entry stands."""

    READY = 0
    WAITING = 1
    LEASED = 2
    SETTLED = 3


DISCOVER = """INSERT INTO discovered VALUES (?, ?)
    ON CONFLICT (kind) DO UPDATE SET count = count + excluded.count"""
"""How many entries of a kind have come in, beside the rows: so that a lost row is noticed."""

PRAGMAS = (
    # A commit costs no fsync; kill -9 loses nothing, a power cut at most the last commits, and
    # never the file's integrity (https://sqlite.org/wal.html).
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    # The fingerprints' index is hit at random: at a million entries it should stay in memory.
    "PRAGMA cache_size = -65536",
    "PRAGMA temp_store = MEMORY",
    # The same pages are written over and over: copy them back every 16 MB, not every 4.
    "PRAGMA wal_autocheckpoint = 4000",
)

# Partial indexes: what is settled, in the end nearly everything, is in none of them, so the
# cost of a lease does not grow with the ledger.
DDL = f"""
CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    fingerprint BLOB NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    host TEXT NOT NULL,
    url TEXT NOT NULL,
    request BLOB NOT NULL,
    priority INTEGER NOT NULL,
    state INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    due REAL,
    outcome TEXT,
    reason TEXT,
    message TEXT,
    record BLOB,
    ended_at REAL
);
CREATE INDEX ready ON entries (host, priority DESC, id) WHERE state = {State.READY.value};
CREATE INDEX tried ON entries (host, attempts, id)
    WHERE state = {State.READY.value} AND attempts > 0;
CREATE INDEX waiting ON entries (due) WHERE state = {State.WAITING.value};
CREATE INDEX leased ON entries (id) WHERE state = {State.LEASED.value};
CREATE TABLE discovered (kind TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE contents (hash BLOB PRIMARY KEY, entry INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE cursors (
    source TEXT PRIMARY KEY, line INTEGER NOT NULL, signature TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE hosts (
    host TEXT PRIMARY KEY, paused_until REAL NOT NULL, health BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE pauses (
    id INTEGER PRIMARY KEY, host TEXT NOT NULL, began REAL NOT NULL, until REAL NOT NULL,
    reason TEXT NOT NULL
);
PRAGMA user_version = {VERSION};
"""
