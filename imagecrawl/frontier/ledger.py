"""What does the ledger say? Read-only views of the settled entries, streamed."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import msgspec

from imagecrawl.outcomes import Kind, Outcome


class Ledger:
    """A reader of a frontier's file, beside its writer: WAL lets both work at once."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)

    def images(self) -> Iterator[dict[str, Any]]:
        """Yield the record of each image that is on disk, in the order of discovery."""
        sql = """SELECT record FROM entries WHERE kind = ? AND outcome IN (?, ?)
            AND record IS NOT NULL ORDER BY id"""
        values = (Kind.IMAGE.value, Outcome.STORED.value, Outcome.DUPLICATE.value)
        for (record,) in self._db.execute(sql, values):
            yield msgspec.json.decode(record)

    def missing(self) -> Iterator[dict[str, Any]]:
        """Yield each entry that ended without an image (or page), and why."""
        sql = """SELECT kind, url, outcome, reason, message, attempts FROM entries
            WHERE outcome NOT IN (?, ?, ?) ORDER BY id"""
        here = (Outcome.STORED.value, Outcome.DUPLICATE.value, Outcome.CRAWLED.value)
        names = ("kind", "url", "status", "reason", "message", "attempts")
        for row in self._db.execute(sql, here):
            yield dict(zip(names, row, strict=True))

    def failures(self, reasons: Collection[str] | None = None) -> Iterator[dict[str, Any]]:
        """Yield what has failed, for one of *reasons* or for any."""
        for one in self.missing():
            if one["status"] == Outcome.FAILED and (reasons is None or one["reason"] in reasons):
                yield one

    def close(self) -> None:
        self._db.close()
