"""The SQLite file of a frontier, as its one writer has it.

Writes are grouped: a transaction stays open from the first write to the next commit.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from imagecrawl.frontier.schema import DDL, PRAGMAS, VERSION


class Database:
    """An open file. All methods raise :exc:`sqlite3.Error`."""

    def __init__(self, path: Path) -> None:
        # No implicit transactions: this class begins and commits its own.
        self.connection = sqlite3.connect(path, isolation_level=None, cached_statements=64)
        try:
            self._prepare()
        except BaseException:
            self.connection.close()
            raise

    def _prepare(self) -> None:
        for pragma in PRAGMAS:
            self.connection.execute(pragma)
        (version,) = self.connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            self.connection.executescript(f"BEGIN IMMEDIATE; {DDL} COMMIT;")
        elif version != VERSION:
            raise sqlite3.DatabaseError(f"its version is {version}, not {VERSION}")

    def read(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        return self.connection.execute(sql, values)

    def write(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        if not self.connection.in_transaction:
            self.connection.execute("BEGIN IMMEDIATE")
        return self.connection.execute(sql, values)

    @property
    def in_transaction(self) -> bool:
        """Whether anything is written that is not committed."""
        return self.connection.in_transaction

    def commit(self) -> None:
        """Make everything written so far durable."""
        if self.connection.in_transaction:
            self.connection.execute("COMMIT")

    def close(self) -> None:
        self.commit()
        self.connection.close()
