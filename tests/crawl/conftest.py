from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from imagecrawl.demo.faultserver import FaultServer
from tests.crawl.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running
