"""However a job, Scrapyd or the whole node ends: the same command goes on, and the set is whole."""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path

import pytest

from imagecrawl.demo.faultserver import FaultServer
from tests.crawl.sites import add_images, expected
from tests.scrapyd.environment import ROOT
from tests.scrapyd.node import ScrapydNode, wait
from tests.scrapyd.test_running import add_list

LEASES = 32 + 16  # CONCURRENT_REQUESTS + 16: what may be in work when a crawl is killed
COUNT = 150


class Catalogue:
    """A list on a slow server, and the job that crawls it."""

    def __init__(self, node: ScrapydNode, server: FaultServer) -> None:
        self.node, self.server = node, server
        self.bodies = add_images(server, COUNT)
        self.address = add_list(server, self.bodies)

    def begin(self) -> str:
        return self.node.schedule(urls=self.address, job="catalogue")

    def in_the_middle(self) -> str:
        """Begin, and return when some dozens of images have been asked for."""
        seen = len(self.server.hits())
        job = self.begin()
        wait("some images", lambda: len(self.server.hits()) > seen + 40)
        assert len(self.server.hits()) < COUNT
        return job

    def check(self, refetched: int) -> None:
        """Begin again, and compare with what there is."""
        log = self.node.ended(self.begin())
        assert self.node.files() == expected(self.bodies.values())
        assert f"discovered {COUNT} = stored {COUNT} + duplicate 0 + failed 0 + pending 0" in log
        hits = Counter(hit.path for hit in self.server.hits() if hit.path.endswith(".jpg"))
        assert sum(hits.values()) - len(hits) <= refetched
        assert not (self.node.home / "images" / ".part").exists()


@pytest.fixture
def catalogue(node: ScrapydNode) -> object:
    with FaultServer(latency=0.1) as server:
        yield Catalogue(node, server)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    # An orphan's remains may wait for somebody to look at them.
    return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()


def test_cancelled(catalogue: Catalogue) -> None:
    job = catalogue.in_the_middle()
    assert catalogue.node.post("cancel", job=job)["prevstate"] == "running"
    log = catalogue.node.ended(job)
    assert "Received SIGINT, shutting down gracefully" in log
    assert "pending 0" not in log
    catalogue.check(refetched=0)


def test_cancelled_twice(catalogue: Catalogue) -> None:
    catalogue.server.latency = 2.0  # so that it has to wait for something
    job = catalogue.begin()
    wait("the first images", lambda: len(catalogue.server.hits()) > 3)
    for _ in range(2):
        catalogue.node.post("cancel", job=job)
        wait("the signal", lambda: "Received SIGINT" in catalogue.node.log(job))
    log = catalogue.node.ended(job)
    assert "Received SIGINT twice, forcing unclean shutdown" in log
    catalogue.server.latency = 0.02
    catalogue.check(refetched=LEASES)


def test_killed_and_a_second_one_refused(catalogue: Catalogue) -> None:
    node = catalogue.node
    job = catalogue.in_the_middle()
    catalogue.server.latency = 3.0  # so that it does not end before it is looked at
    refused = node.ended(catalogue.begin())
    (line,) = [one for one in refused.splitlines() if " ERROR: " in one]
    assert f"in use by process {node.pid(job)}" in line
    os.kill(node.pid(job), signal.SIGKILL)
    node.ended(job)
    catalogue.server.latency = 0.02
    catalogue.check(refetched=LEASES)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_an_orphan_of_a_restarted_scrapyd(how: signal.Signals, catalogue: Catalogue) -> None:
    node = catalogue.node
    pid = node.pid(catalogue.in_the_middle())
    catalogue.server.latency = 3.0  # so that it does not end before it is looked at
    node.stop(how)
    node.start()
    refused = node.ended(catalogue.begin())
    assert f"in use by process {pid}" in refused
    # The orphan works on, and ends as it is told to.
    os.kill(pid, signal.SIGTERM)
    wait("the orphan's end", lambda: gone(pid))
    catalogue.server.latency = 0.02
    catalogue.check(refetched=0)


def test_a_node_that_is_stopped_waits_for_its_crawls(
    tmp_path: Path, binaries: Path, egg: Path
) -> None:
    node = ScrapydNode(tmp_path, binaries).bring(egg)
    node.start(str(ROOT / "docs" / "deploy" / "run-node"))
    with FaultServer(latency=0.1) as server:
        catalogue = Catalogue(node, server)
        job = catalogue.in_the_middle()
        pid = node.pid(job)
        node.stop()
        assert gone(pid)
        assert "Spider closed (shutdown)" in node.log(job)
        node.start(str(ROOT / "docs" / "deploy" / "run-node"))
        catalogue.check(refetched=0)
        node.stop()
