"""How is a job's file read beside the crawl that writes it, and without one?"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from imagecrawl.errors import JobError
from imagecrawl.frontier.schema import VERSION


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Give a read-only view of the frontier's file *path*: all of it is of one moment, and its
    writer is not in its way. Raises :exc:`JobError`, also for what turns out while it is read."""
    try:
        with closing(_opened(path)) as db:
            yield db
    except (sqlite3.Error, msgspec.DecodeError) as error:
        raise JobError(f"the job in {path.parent} cannot be read: {error}") from error


def _opened(path: Path) -> sqlite3.Connection:
    try:
        return _checked(path, "mode=ro")
    except sqlite3.OperationalError:
        if os.access(path.parent, os.W_OK):
            raise
    # Nobody can write there, not even the -shm that readers share. Without a log beside it, the
    # file is all there is: https://sqlite.org/wal.html#read_only_databases
    if _size(path.with_name(f"{path.name}-wal")):
        raise sqlite3.OperationalError(
            "a crawl was ended there by force, and its folder cannot be written: copy the folder"
        )
    return _checked(path, "immutable=1")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _checked(path: Path, how: str) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?{how}"
    db = sqlite3.connect(uri, uri=True, isolation_level=None)
    try:
        db.execute("BEGIN")
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version != VERSION:
            raise sqlite3.DatabaseError(f"its version is {version}, not {VERSION}")
    except BaseException:
        db.close()
        raise
    return db
