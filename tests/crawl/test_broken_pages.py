"""A page that came broken is asked for again, and is in the end on record as failed."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from itertools import count

import brotli
import pytest

from imagecrawl.demo.gallery import sample_image
from tests.crawl.project import Project
from tests.crawl.sites import expected
from tests.rawserver import Asked, RawServer

IMAGE = sample_image(1, size=(32, 24))
FILLER = "".join(f"<p>{n * n}</p>" for n in range(3000))
PAGE = f"<html>{FILLER}<img src=/1.jpg></html>".encode()
HTML = {"Content_Type": "text/html"}


def site(broken: Callable[[Asked], None], times: int) -> RawServer:
    """A server whose page is *broken* for the first *times*, and then whole."""
    asked = count(1)

    def handle(one: Asked) -> None:
        if one.path == "/robots.txt":
            one.answer(b"", **HTML)
        elif one.path == "/1.jpg":
            one.answer(IMAGE, Content_Type="image/jpeg")
        elif next(asked) <= times:
            broken(one)
        else:
            one.answer(PAGE, **HTML)

    return RawServer(handle)


def packed(encoding: str, body: bytes) -> Callable[[Asked], None]:
    return lambda one: one.answer(body, Content_Encoding=encoding, **HTML)


BROKEN: dict[str, tuple[str, Callable[[Asked], None]]] = {
    "gzip": ("encoding", packed("gzip", gzip.compress(PAGE)[:-60])),
    "gzip, at its start": ("encoding", packed("gzip", gzip.compress(PAGE)[:300])),
    "deflate": ("encoding", packed("deflate", zlib.compress(PAGE)[:-60])),
    "empty": ("empty", lambda one: one.answer(b"", **HTML)),
    "white space": ("empty", lambda one: one.answer(b" \r\n\t\n", **HTML)),
    "empty gzip": ("empty", packed("gzip", gzip.compress(b""))),
    "202": ("http_202", lambda one: one.answer(b"wait", "202 Accepted", **HTML)),
    "204": ("http_204", lambda one: one.answer(b"", "204 No Content", **HTML)),
    "206": ("http_206", lambda one: one.answer(PAGE[:99], "206 Partial Content", **HTML)),
    "br": ("encoding", packed("br", brotli.compress(PAGE, quality=4)[:-60])),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_page_that_was_broken_once(project: Project, name: str) -> None:
    with site(BROKEN[name][1], 1) as server:
        run = project.run(*project.images(start_urls=server.url("/page")))
        assert run.code == 0, run.log[-3000:]
        assert project.files() == expected([IMAGE])
        assert project.manifest("failed.jsonl") == {}
        assert [one.path for one in server.asked].count("/page") == 2


@pytest.mark.parametrize("name", BROKEN)
def test_one_that_stays_so_has_failed_and_can_be_run_again(project: Project, name: str) -> None:
    reason, broken = BROKEN[name]
    few = {"RETRY_TIMES": 2, "IMAGECRAWL_DOUBTFUL_RETRY_TIMES": 1}
    asks = 3 if reason == "encoding" else 2
    with site(broken, asks) as server:
        args = project.images(start_urls=server.url("/page"), job="one")
        run = project.run(*args, **few, IMAGECRAWL_BACKOFF_BASE_SECS=0.01)
        assert [one.path for one in server.asked].count("/page") == asks
        assert f"failed 1 ({reason} 1)" in run.log
        failed = project.manifest("failed.jsonl")[server.url("/page")]
        assert (failed["status"], failed["reason"]) == ("failed", reason)
        run = project.run(*args, "-a", "retry_failed=all")
        assert run.code == 0, run.log[-3000:]
        assert project.files() == expected([IMAGE])


PLAIN = """
import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.utils.project import get_project_settings

class Plain(scrapy.Spider):
    name = "plain"

    async def start(self):
        for path in ("empty", "204", "206"):
            yield scrapy.Request(URL + path)

    def parse(self, response):
        print("got", response.status, len(response.body), file=__import__("sys").stderr)

settings = get_project_settings()
settings.setdict(SETTINGS, priority="cmdline")
process = CrawlerProcess(settings)
process.crawl(Plain)
process.start()
"""


def test_a_plain_spider_gets_what_scrapy_gives(project: Project) -> None:
    statuses = {"/empty": "200 OK", "/204": "204 No Content", "/206": "206 Partial Content"}

    def handle(one: Asked) -> None:
        one.answer(b"ab" if one.path == "/206" else b"", statuses.get(one.path, "200 OK"), **HTML)

    with RawServer(handle) as server:
        run = project.script(f"URL = {server.url()!r}\n{PLAIN}")
        assert run.code == 0, run.log[-3000:]
        got = sorted(line for line in run.log.splitlines() if line.startswith("got "))
        assert got == ["got 200 0", "got 204 0", "got 206 2"]
