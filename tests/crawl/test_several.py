"""A response may hold several images: each is an image of the job."""

from __future__ import annotations

import pytest

from imagecrawl.demo.faultserver import FaultServer
from tests.crawl.project import Project, crawl
from tests.crawl.sites import expected
from tests.crawl.spiders.several import picture

SEVERAL = {"SPIDER_MODULES": "tests.crawl.spiders", "RETRY_TIMES": 0, "IMAGES_MIN_WIDTH": 20}


def arguments(server: FaultServer, **more: str) -> list[str]:
    server.add("/sheet", b"<html></html>", content_type="text/html")
    return crawl("several", base=server.url("/")[:-1], job="j", **more)


@pytest.mark.parametrize(
    ("names", "ended", "kept"),
    [
        ("one-two", "discovered 2 = stored 2 + duplicate 0 + failed 0", 2),
        ("one-two-one", "discovered 3 = stored 2 + duplicate 1 + failed 0", 3),
        ("one-small-two", "discovered 2 = stored 2 + duplicate 0 + failed 0", 2),
    ],
)
def test_each_image_of_a_response_is_on_record(
    project: Project, server: FaultServer, names: str, ended: str, kept: int
) -> None:
    run = project.run(*arguments(server, names=names), **SEVERAL)
    assert run.code == 0, run.log[-2000:]
    assert run.lines(f"images: {ended}")
    assert project.files() == expected([picture("one"), picture("two")])
    images = project.manifest()
    assert len(images) == kept
    assert {one["path"] for one in images.values()} == set(project.files())
    (pages,) = run.lines("pages: ") or [""]
    assert ("filtered 1 (too_small 1)" in pages) == ("small" in names)


def test_those_that_are_missing_are_made_again(project: Project, server: FaultServer) -> None:
    args = arguments(server, names="one-two-three")
    assert project.run(*args, **SEVERAL).code == 0
    files = project.files()
    path = project.manifest()[server.url("/sheet#1")]["path"]
    (project.store / path).unlink()
    run = project.run(*args, **SEVERAL)
    assert run.lines("1 images are no longer in")
    assert run.lines("images: discovered 3 = stored 3 + duplicate 0 + failed 0 + pending 0")
    assert project.files() == files
    assert len([hit for hit in server.hits() if hit.path == "/sheet"]) == 2


def test_what_came_before_a_mistake_is_on_record(project: Project, server: FaultServer) -> None:
    run = project.run(*arguments(server, names="one-two", fail="yes"), **SEVERAL)
    assert run.lines("images: discovered 2 = stored 2")
    assert run.lines("pages: discovered 1 = crawled 0 + failed 1 (spider_error 1)")
    assert len(project.manifest()) == 2
    again = crawl("several", base=server.url("/")[:-1], job="j", names="one-two")
    run = project.run(*again, "-a", "retry_failed=all", **SEVERAL)
    assert run.lines("images: discovered 2 = stored 2 + duplicate 0 + failed 0 + pending 0")
    assert project.files() == expected([picture("one"), picture("two")])
    assert len(project.manifest()) == 2
