from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.report.made import MadeJob


@pytest.fixture
def job(tmp_path: Path) -> Iterator[MadeJob]:
    made = MadeJob(tmp_path / "made")
    yield made
    made.close()
