"""How many rows end how? The accounting, counted from the rows that are there."""

from __future__ import annotations

import sqlite3

from imagecrawl.frontier.entry import Counts
from imagecrawl.outcomes import Kind

_ROWS = """SELECT outcome, reason, count(*) FROM entries WHERE kind = ?
    GROUP BY state, outcome, reason"""


def count_rows(db: sqlite3.Connection, kind: Kind) -> Counts:
    """Return the accounting of a frontier's file for *kind*: a second for a million rows."""
    row = db.execute("SELECT count FROM discovered WHERE kind = ?", (kind.value,)).fetchone()
    outcomes: dict[str, int] = {}
    reasons: dict[str, dict[str, int]] = {}
    pending = 0
    for outcome, reason, count in db.execute(_ROWS, (kind.value,)):
        if outcome is None:
            pending += count
            continue
        outcomes[outcome] = outcomes.get(outcome, 0) + count
        if reason:
            reasons.setdefault(outcome, {})[reason] = count
    return Counts(row[0] if row else 0, pending, outcomes, reasons)
