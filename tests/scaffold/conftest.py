from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from imagecrawl.demo.faultserver import FaultServer
from tests.projectcopy import ProjectCopy


@pytest.fixture
def copy(tmp_path: Path) -> ProjectCopy:
    return ProjectCopy(tmp_path / "project")


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running
