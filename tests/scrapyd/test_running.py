"""Crawls on a node: scheduled as the guide says, with nothing in the log to worry about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from imagecrawl.demo.faultserver import FaultServer
from tests.crawl.sites import add_images, add_pages, expected
from tests.scrapyd.conftest import running
from tests.scrapyd.node import ScrapydNode

TROUBLE = re.compile(r"WARNING|ERROR|CRITICAL|Deprecat|Traceback")


def add_list(server: FaultServer, bodies: dict[str, bytes], path: str = "/list.txt") -> str:
    server.add(path, "\n".join(bodies).encode(), content_type="text/plain")
    return server.url(path)


@pytest.fixture
def any_node(each_python: Path, tmp_path: Path) -> Iterator[ScrapydNode]:
    yield from running(ScrapydNode(tmp_path, each_python))


def test_on_every_python(
    any_node: ScrapydNode, project: Path, egg: Path, server: FaultServer
) -> None:
    done = any_node.client(project, "scrapyd-deploy", "--egg", str(egg))
    assert '"status": "ok"' in done.stdout, done.stdout + done.stderr
    listed = add_images(server, 30)
    paged = add_pages(server, pages=3, per_page=5)
    one = any_node.schedule(urls=add_list(server, listed), job="catalogue")
    log = any_node.ended(one)
    assert not TROUBLE.search(log), log
    assert any_node.files() == expected(listed.values())
    two = any_node.schedule(start_urls=server.url("/page/0"), follow="next")
    log = any_node.ended(two)
    assert not TROUBLE.search(log), log
    assert any_node.files() == expected([*listed.values(), *paged.values()])
    assert "discovered 15 = stored 15 + duplicate 0 + failed 0 + pending 0" in log
    finished = any_node.ask("listjobs", project="imagecrawl")["finished"]
    assert {job["id"] for job in finished} == {one, two}
    assert sorted(path.name for path in (any_node.home / "jobs").iterdir())[0] == "catalogue"
    # Nothing of ours lies in Scrapyd's folder.
    assert {path.name for path in any_node.folder.iterdir()} == {
        *("dbs", "eggs", "logs", "scrapyd.conf", "scrapyd.log", "twistd.pid")
    }
    assert "Process died" not in any_node.own_log()


def test_the_same_job_under_another_id(node: ScrapydNode, server: FaultServer) -> None:
    bodies = add_images(server, 20)
    address = add_list(server, bodies)
    node.run(urls=address, job="catalogue")
    hits = len(server.hits())
    assert "nothing left to do" in node.run(urls=address, job="catalogue")
    assert "nothing left to do" in node.run(job="catalogue")  # which knows what it was for
    assert len(server.hits()) == hits + 2  # the list
    assert node.files() == expected(bodies.values())


def test_what_scrapyd_overrides(
    tmp_path: Path, binaries: Path, egg: Path, server: FaultServer
) -> None:
    bodies = add_images(server, 10)
    address = add_list(server, bodies)
    node = ScrapydNode(tmp_path, binaries, jobs_dir="jobs", items_dir="items").bring(egg)
    for _ in running(node):
        first, second = (node.schedule(urls=address, job="catalogue") for _ in range(2))
        logs = node.ended(first), node.ended(second)
        assert sum("nothing left to do" in log or "in use by" in log for log in logs) == 1
        (job,) = (node.home / "jobs").iterdir()
        assert job.name == "catalogue"
        # Without a name it is Scrapyd's folder, which the same id finds again.
        for times in (1, 2):
            node.schedule(urls=address, jobid="today")
            log = node.ended("today", times)
            assert ("nothing left to do" in log) == (times == 2)
        assert (node.folder / "jobs/imagecrawl/images/today/frontier.sqlite").is_file()
        feeds = [node.folder / f"items/imagecrawl/images/{job}.jl" for job in (first, second)]
        items = "".join(feed.read_text() for feed in feeds if feed.exists())
        assert len(items.splitlines()) == 10


@pytest.mark.parametrize(
    ("home", "arguments", "says"),
    [
        ("", {}, "IMAGES_STORE='images' is relative, and would lie in Scrapyd's own folder"),
        ("", {"setting": "IMAGES_STORE=/tmp/x"}, "IMAGECRAWL_JOBS_DIR='jobs' is relative"),
        ("data", {}, "IMAGECRAWL_HOME='data' is not absolute"),
        ("/h", {"urls": "list.txt"}, "urls='list.txt' means nothing to Scrapyd"),
        ("/h", {"urls": "-"}, "urls='-' means nothing to Scrapyd"),
        ("/h", {"urls": "/no/such/list"}, "No such file"),
        ("/h", {"colour": "red"}, "unknown argument colour="),
    ],
)
def test_a_mistake_is_one_line_in_the_log(
    home: str,
    arguments: dict[str, str],
    says: str,
    served: ScrapydNode,
) -> None:
    home = str(served.home) if home == "/h" else home
    chosen = {"start_urls": "http://localhost:1/", **arguments}
    if "urls" in arguments:
        del chosen["start_urls"]
    if "setting" not in chosen:
        chosen["setting"] = f"IMAGECRAWL_HOME={home}"
    log = served.run(**chosen, jobid=f"job{abs(hash(says))}")
    (line,) = log.splitlines()
    assert says in line and " ERROR: " in line
    assert f"job{abs(hash(says))}" in served.own_log()
    died = [one for one in served.own_log().splitlines() if "Process died: exitstatus=1" in one]
    assert any(f"job{abs(hash(says))}" in one for one in died)
    assert not served.home.exists()
    assert not list(served.folder.glob("images*"))


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, binaries: Path, egg: Path
) -> Iterator[ScrapydNode]:
    """A node whose jobs are told their IMAGECRAWL_HOME, or are not."""
    node = ScrapydNode(tmp_path_factory.mktemp("served"), binaries)
    del node.environment["IMAGECRAWL_HOME"]
    yield from running(node.bring(egg))


def test_no_slot_is_lost(tmp_path: Path, binaries: Path, egg: Path, server: FaultServer) -> None:
    """Two slots, ten jobs, three of which cannot start."""
    bodies = add_images(server, 3)
    address = add_list(server, bodies)
    node = ScrapydNode(tmp_path, binaries, max_proc="2").bring(egg)
    for _ in running(node):
        jobs = [
            node.schedule(urls=address, job=f"job{n}", **({"colour": "red"} if n % 3 == 2 else {}))
            for n in range(10)
        ]
        logs = [node.ended(job) for job in jobs]
        assert sum("stored 3" in log or "duplicate 3" in log for log in logs) == 7
        assert sum("unknown argument colour=" in log for log in logs) == 3
        assert node.ask("daemonstatus")["running"] == 0
    assert node.files() == expected(bodies.values())
