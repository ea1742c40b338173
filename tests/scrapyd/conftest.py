from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from imagecrawl.demo.faultserver import FaultServer
from tests.scrapyd import environment
from tests.scrapyd.node import ScrapydNode, copy_project


@pytest.fixture(scope="session")
def binaries(request: pytest.FixtureRequest) -> Path:
    """The ``bin`` folder of a node's environment, for the Python that runs the tests."""
    return _binaries(request, sys.executable)


def _binaries(request: pytest.FixtureRequest, python: str) -> Path:
    cache = request.config.cache
    assert cache is not None
    return environment.make(python, cache.mkdir("scrapyd-" + python.strip("/").replace("/", "-")))


_PYTHONS = environment.pythons()


@pytest.fixture(scope="session", params=_PYTHONS.values(), ids=_PYTHONS.keys())
def each_python(request: pytest.FixtureRequest) -> Path:
    """The same for other Pythons."""
    return _binaries(request, request.param)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
def egg(binaries: Path, project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("egg") / "imagecrawl.egg"
    node = ScrapydNode(tmp_path_factory.mktemp("builder"), binaries)
    done = node.client(project, "scrapyd-deploy", "--build-egg", str(path))
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture
def empty_node(tmp_path: Path, binaries: Path) -> Iterator[ScrapydNode]:
    """A Scrapyd to which nothing has been deployed; it runs."""
    yield from running(ScrapydNode(tmp_path, binaries))


@pytest.fixture
def node(tmp_path: Path, binaries: Path, egg: Path) -> Iterator[ScrapydNode]:
    """A Scrapyd that has this project."""
    yield from running(ScrapydNode(tmp_path, binaries).bring(egg))


def running(node: ScrapydNode) -> Iterator[ScrapydNode]:
    """Start *node*, and end it and all of its jobs."""
    node.start()
    try:
        yield node
    finally:
        jobs = [one["pid"] for one in node.ask("listjobs")["running"]]
        node.stop(signal.SIGKILL)
        for pid in jobs:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running
