"""How many rows end how? The accounting, counted from the rows that are there."""

from __future__ import annotations

import sqlite3

from imagecrawl.frontier.entry import Counts
from imagecrawl.outcomes import Kind, Outcome

IMAGE_OUTCOMES = (Outcome.STORED, Outcome.DUPLICATE, Outcome.FAILED)
PAGE_OUTCOMES = (Outcome.CRAWLED, Outcome.FAILED)

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


def accounting_line(counts: Counts, always: tuple[Outcome, ...]) -> str:
    """Return ``discovered 10 = stored 7 + duplicate 1 + failed 2 (http_404 2) + pending 0``.

    The outcomes *always* are shown even where there are none.
    """
    parts = []
    for outcome in Outcome:
        count = counts.outcomes.get(outcome.value, 0)
        if not count and outcome not in always:
            continue
        reasons = counts.reasons.get(outcome.value, {})
        why = ", ".join(f"{reason} {n}" for reason, n in sorted(reasons.items()))
        parts.append(f"{outcome.value} {count}" + (f" ({why})" if why else ""))
    return f"discovered {counts.discovered} = {' + '.join(parts)} + pending {counts.pending}"
