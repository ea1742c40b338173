"""Items that name an image which another item has named: none of them is lost, and it is asked for
once."""

from __future__ import annotations

import json
import signal
from collections import Counter
from typing import Any

from imagecrawl.demo.faultserver import FaultServer, Forever
from imagecrawl.demo.gallery import sample_image
from tests.crawl.project import Project, crawl
from tests.crawl.sites import expected
from tests.crawl.test_restarts import interrupt

SETTINGS = {"SPIDER_MODULES": "tests.crawl.spiders", "IMAGECRAWL_DOUBTFUL_RETRY_TIMES": 1}


def shop(server: FaultServer, pages: int, per_page: int) -> list[bytes]:
    """Put products on *server*: each has a picture of its own, and all share one that is there
    after three resets, and one that is not."""
    bodies = [sample_image(1000, size=(32, 24))]
    server.add("/shared.jpg", bodies[0], faults=["reset_before"] * 3)
    server.add("/html.jpg", b"<html>no</html>", content_type="text/html")
    for page in range(pages):
        rows = ""
        for number in range(page * per_page, (page + 1) * per_page):
            bodies.append(sample_image(number, size=(32, 24)))
            server.add(f"/{number}.jpg", bodies[-1])
            own = f"<img src=/{number}.jpg><img src=/shared.jpg><img src=/shared.jpg>"
            rows += f"<li id=p{number}>{own}<img src=/html.jpg></li>"
        server.add(f"/shop/{page}", f"<ul>{rows}</ul>".encode(), content_type="text/html")
    return bodies


def hits(server: FaultServer) -> Counter[str]:
    return Counter(hit.path for hit in server.hits() if hit.fault is None)


def records(project: Project, feed: str) -> list[dict[str, Any]]:
    lines = (project.folder / feed).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_each_item_has_its_record(project: Project, server: FaultServer) -> None:
    bodies = shop(server, pages=3, per_page=5)
    args = crawl("shared", base=server.url("/")[:-1], pages=3)
    run = project.run(*args, "-o", str(project.folder / "out.jsonl"), **SETTINGS)
    assert run.code == 0, run.log[-3000:]
    assert project.files() == expected(bodies)
    assert hits(server)["/shared.jpg"] == 1 and hits(server)["/html.jpg"] == 2
    found = records(project, "out.jsonl")
    assert Counter(one["product"] for one in found) == {f"p{n}": 2 for n in range(15)}
    shared = [one for one in found if one["url"].endswith("/shared.jpg")]
    assert Counter(one["status"] for one in shared) == {"stored": 1, "duplicate": 14}
    assert len({(one["path"], one["sha256"], one["bytes"]) for one in shared}) == 1
    line = "images: discovered 45 = stored 16 + duplicate 14 + failed 15 (html 15)"
    assert line in run.log
    before = hits(server)
    assert project.run(*args, "-o", str(project.folder / "out.jsonl"), **SETTINGS).code == 0
    assert hits(server) == before and len(records(project, "out.jsonl")) == 30


def test_killed_and_resumed(project: Project) -> None:
    with FaultServer(latency=0.01) as server:
        bodies = shop(server, pages=4, per_page=10)
        args = crawl("shared", base=server.url("/")[:-1], pages=4)
        for after in (12, 25):
            interrupt(project, server, args, signal.SIGKILL, after, **SETTINGS)
        run = project.run(*args, **SETTINGS)
        assert run.code == 0, run.log[-3000:]
        # A picture whose file vanishes is asked for again, once, for all that name it.
        (shared,) = project.files().keys() & expected([bodies[0]]).keys()
        (project.store / shared).unlink()
        asked = hits(server)["/shared.jpg"]
        assert project.run(*args, **SETTINGS).code == 0
        assert hits(server)["/shared.jpg"] == asked + 1
    assert project.files() == expected(bodies)
    lines = (project.store / "images.jsonl").read_text(encoding="utf-8").splitlines()
    told = Counter(json.loads(line)["product"] for line in lines)
    assert told == {f"p{n}": 2 for n in range(40)}


def test_an_image_that_is_not_to_be_had_is_asked_for_no_item_again(
    project: Project, server: FaultServer
) -> None:
    shop(server, pages=1, per_page=8)
    server.add("/shared.jpg", b"", faults=Forever("reset_before"))
    args = crawl("shared", base=server.url("/")[:-1], pages=1)
    run = project.run(*args, RETRY_TIMES=1, **SETTINGS)
    assert run.code == 0, run.log[-3000:]
    assert "failed 16 (html 8, reset 8)" in run.log
    # Two attempts; one of them may find its connection dead, and goes out on a fresh one.
    assert len([hit for hit in server.hits() if hit.path == "/shared.jpg"]) in (2, 3)


def test_a_page_that_is_repaired_makes_no_item_twice(project: Project, server: FaultServer) -> None:
    shop(server, pages=1, per_page=8)
    args = crawl("shared", base=server.url("/")[:-1], pages=1, job="j")
    assert project.run(*args, "-a", "fail=yes", **SETTINGS).code == 0
    before = (project.store / "images.jsonl").read_text(encoding="utf-8").splitlines()
    run = project.run(*args, "-a", "retry_failed=spider_error", **SETTINGS)
    assert run.code == 0, run.log[-3000:]
    after = (project.store / "images.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(before) == 16 and sorted(before) == sorted(after)
    assert run.lines("pages: discovered 1 = crawled 1")
