"""Several nodes that know nothing of each other share a list by sites."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from imagecrawl.demo.faultserver import FaultServer
from tests.crawl.sites import add_images, expected
from tests.scrapyd.conftest import running
from tests.scrapyd.node import ScrapydNode
from tests.scrapyd.test_running import add_list


@pytest.fixture
def nodes(tmp_path: Path, binaries: Path, egg: Path) -> Iterator[list[ScrapydNode]]:
    first, second = (ScrapydNode(tmp_path / name, binaries).bring(egg) for name in ("a", "b"))
    for _ in running(first):
        for _ in running(second):
            yield [first, second]


def test_each_site_is_asked_by_one_node(nodes: list[ScrapydNode], server: FaultServer) -> None:
    with ExitStack() as stack:
        # Without names each host and port is a site of its own.
        sites = [stack.enter_context(FaultServer()) for _ in range(8)]
        by_site = [add_images(site, 5, first=n * 5) for n, site in enumerate(sites)]
        bodies = {url: body for site in by_site for url, body in site.items()}
        server.add("/list.txt", "\n".join([*bodies, "no url"]).encode(), content_type="text/plain")
        address = server.url("/list.txt")
        jobs = [
            node.schedule(urls=address, job="shared", shard=f"{n}/2")
            for n, node in enumerate(nodes, 1)
        ]
        logs = [node.ended(job) for node, job in zip(nodes, jobs, strict=True)]
        assert all(len(site.hits()) == 5 for site in sites)
    stored = [node.files() for node in nodes]
    assert all(stored)
    assert {**stored[0], **stored[1]} == expected(bodies.values())
    for log, files in zip(logs, reversed(stored), strict=True):
        left = re.search(r"'imagecrawl/input/other_shards': (\d+)", log)
        assert left is not None
        assert int(left[1]) - len(files) in (0, 1)
    assert sum("no url" in log for log in logs) == 1  # told by one of them
    # The same job as another share reads its list again.
    log = nodes[0].run(urls=add_list(server, {}, "/none.txt"), job="shared", shard="2/2")
    assert "no line with a URL" in log


def test_pages_are_shared_with_all_that_is_on_them(
    nodes: list[ScrapydNode], server: FaultServer
) -> None:
    bodies = add_images(server, 4)
    html = "".join(f'<img src="{url}">' for url in bodies).encode()
    with FaultServer() as one, FaultServer() as two:
        for site in (one, two):
            site.add("/page", html, content_type="text/html")
        pages = f"{one.url('/page')},{two.url('/page')}"
        jobs = [node.schedule(start_urls=pages, shard=f"{n}/2") for n, node in enumerate(nodes, 1)]
        for node, job in zip(nodes, jobs, strict=True):
            node.ended(job)
        assert [len(site.hits("/page")) for site in (one, two)] == [1, 1]
    assert any(node.files() == expected(bodies.values()) for node in nodes)
