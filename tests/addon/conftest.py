from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from imagecrawl.demo.faultserver import FaultServer
from tests.addon.shop import Shop, build_wheel, install


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that has imagecrawl from its wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    return install(build_wheel(folder), folder / "venv")


@pytest.fixture
def shop(tmp_path: Path, installed: Path) -> Shop:
    return Shop(tmp_path / "shop", installed)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running
