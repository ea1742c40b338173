"""The job of a plain spider is that of its arguments, whatever the spider makes of them."""

from __future__ import annotations

from collections import Counter

import pytest

from imagecrawl.demo.faultserver import FaultServer
from imagecrawl.demo.gallery import sample_image
from tests.crawl.project import Project, crawl
from tests.crawl.sites import expected

SETTINGS = {"SPIDER_MODULES": "tests.crawl.spiders"}


@pytest.fixture
def bodies(server: FaultServer) -> list[bytes]:
    """Put two categories with a picture each on *server*."""
    made = [sample_image(n, size=(32, 24)) for n in (1, 2)]
    for n, body in enumerate(made, 1):
        server.add(f"/{n}", f"<img src=/{n}.jpg>".encode(), content_type="text/html")
        server.add(f"/{n}.jpg", body)
    return made


def names(project: Project) -> set[str]:
    return {folder.name for folder in project.jobs.iterdir()}


def test_an_attribute_of_its_own_is_no_argument(
    project: Project, server: FaultServer, bodies: list[bytes]
) -> None:
    args = crawl("category", base=server.url("/")[:-1], category=1)
    for _ in range(2):
        run = project.run(*args, **SETTINGS)
        assert run.code == 0, run.log[-3000:]
    assert len(names(project)) == 1
    assert set(Counter(hit.path for hit in server.hits()).values()) == {1}
    assert "this job has nothing left to do" in run.log


def test_an_empty_name_is_none(project: Project) -> None:
    run = project.run(*project.images(start_urls="http://127.0.0.1:9/", job=""))
    assert run.code == 1
    (line,) = run.lines("imagecrawl: error: ")
    assert "job='' is no usable name" in line


def test_an_argument_that_leaves_no_attribute_counts(
    project: Project, server: FaultServer, bodies: list[bytes]
) -> None:
    for category in (1, 2):
        project.run(*crawl("category", base=server.url("/")[:-1], category=category), **SETTINGS)
    assert len(names(project)) == 2
    assert project.files() == expected(bodies)
    # What is about the job is none of what it is derived from.
    args = crawl("category", base=server.url("/")[:-1], category=2, restart="true")
    assert project.run(*args, **SETTINGS).code == 0
    assert len(names(project)) == 2


SCRIPT = """
from scrapy.crawler import {process}
from scrapy.utils.project import get_project_settings
from tests.crawl.spiders.idioms import CategorySpider

settings = get_project_settings()
settings.setdict(SETTINGS, priority="cmdline")
process = {process}(settings)
for arguments in {calls}:
    process.crawl(CategorySpider, *arguments[0], **arguments[1])
process.start()
"""


@pytest.mark.parametrize("process", ["CrawlerProcess", "AsyncCrawlerProcess"])
def test_two_crawls_of_a_spider_in_a_process(
    project: Project, server: FaultServer, bodies: list[bytes], process: str
) -> None:
    urls = [[server.url(f"/{n}")] for n in (1, 2)]
    for calls in (
        [(("",), {"start_urls": one}) for one in urls],
        [((server.url("/")[:-1], n), {}) for n in (1, 2)],
    ):
        for _ in range(2):
            run = project.script(SCRIPT.format(process=process, calls=calls), **SETTINGS)
            assert run.code == 0 and "Traceback" not in run.log, run.log[-3000:]
        assert "this job has nothing left to do" in run.log
    assert len(names(project)) == 4
    assert project.files() == expected(bodies)


def test_an_argument_that_is_another_each_time(project: Project, server: FaultServer) -> None:
    calls = '[(("",), {"queue": object()})]'
    run = project.script(SCRIPT.format(process="AsyncCrawlerProcess", calls=calls), **SETTINGS)
    assert "the argument queue of the spider is <object object at" in run.log
    assert "name the job with job=NAME" in run.log
    assert not project.jobs.exists()
    calls = '[(("",), {"queue": object(), "job": "mine"})]'
    run = project.script(SCRIPT.format(process="AsyncCrawlerProcess", calls=calls), **SETTINGS)
    assert names(project) == {"mine"}, run.log[-3000:]
