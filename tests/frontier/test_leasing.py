"""Is the next entry found without a look at all that are ready?"""

from __future__ import annotations

from pathlib import Path

import pytest

from imagecrawl.frontier import leasing
from imagecrawl.frontier.database import Database


@pytest.mark.parametrize(
    ("sql", "index"), [(leasing._LEASE, "ready"), (leasing._FAILED, "tried")], ids=["next", "probe"]
)
def test_the_partial_indexes_are_used(tmp_path: Path, sql: str, index: str) -> None:
    db = Database(tmp_path / "frontier.sqlite")
    plan = [row[-1] for row in db.read(f"EXPLAIN QUERY PLAN {sql}", ("h",))]
    db.close()
    assert any(f"USING INDEX {index} (host=?" in step for step in plan), plan
