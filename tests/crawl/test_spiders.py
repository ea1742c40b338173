"""Spiders that know nothing of the frontier work as Scrapy's documentation says."""

from __future__ import annotations

import json
from collections import Counter

from imagecrawl.demo.faultserver import FaultServer, Forever
from imagecrawl.demo.gallery import sample_image
from tests.crawl.project import Project, crawl
from tests.crawl.sites import expected

ODD = {"SPIDER_MODULES": "tests.crawl.spiders", "RETRY_TIMES": 1}


def test_what_scrapy_offers_goes_through_the_frontier(project: Project) -> None:
    bodies = [sample_image(n, size=(32, 24)) for n in range(3)]
    with FaultServer() as server, FaultServer(host="127.0.0.2") as cdn:
        for path in ("/one", "/same"):
            server.add(path, b"<html></html>", content_type="text/html")
        cdn.add("/far.jpg", bodies[0])
        server.add("/late.jpg", bodies[1])
        server.add("/later.jpg", bodies[2])
        feed = project.folder / "feed.jsonl"
        arguments = {"base": server.url("/")[:-1], "cdn": cdn.url("/")[:-1]}
        args = [*crawl("odd", **arguments), "-O", str(feed)]
        run = project.run(*args, **ODD)
        assert run.code == 0, run.log[-3000:]
        assert "never came back" not in run.log
        hits = Counter((hit.method, hit.path) for hit in server.hits())
        assert hits["GET", "/same"] == 3
        assert hits["POST", "/post"] == 1
        assert project.run(*args[:-2], **ODD).code == 0  # and nothing is asked for again
        assert Counter((hit.method, hit.path) for hit in server.hits()) == hits
    assert project.files() == expected(bodies)
    lines = [json.loads(line) for line in feed.read_text().splitlines()]
    (far,) = [line for line in lines if line.get("url", "").endswith("/far.jpg")]
    assert far["when"] == "2026-01-02T00:00:00"
    assert sorted(line["same"] for line in lines if "same" in line) == [0, 1, 2]
    assert {"status": 404} in lines and {"from": "start"} in lines
    assert "offsite.example" not in (project.store / "failed.jsonl").read_text()


def test_errbacks_of_all_kinds(project: Project) -> None:
    feed = project.folder / "feed.jsonl"
    with FaultServer() as server:
        for way in ("coroutine", "generator", "passing", "raising", "failing"):
            server.add(f"/lost/{way}", b"", faults=Forever("close_headers"))
        args = [*crawl("errs", base=server.url("/")[:-1]), "-O", str(feed)]
        run = project.run(*args, **{**ODD, "RETRY_TIMES": 0})
    assert run.code == 0, run.log[-3000:]
    assert "never came back" not in run.log
    ways = Counter(json.loads(line)["way"] for line in feed.read_text().splitlines())
    assert ways == {"coroutine": 2, "generator": 2}
    reasons = {
        url.partition("/")[2].partition("/")[2].partition("/")[2]: record["reason"]
        for url, record in project.manifest("failed.jsonl").items()
    }
    assert reasons == {
        **{f"gone/{way}": "http_404" for way in ("coroutine", "generator", "passing", "raising")},
        **{f"lost/{way}": "lost" for way in ("coroutine", "generator", "passing", "raising")},
        **{f"{path}/failing": "spider_error" for path in ("gone", "lost")},
    }


def test_offsite_redirects_own_meta_and_broken_text(project: Project) -> None:
    feed = project.folder / "feed.jsonl"
    body = sample_image(1, size=(32, 24))
    with FaultServer() as server, FaultServer(host="127.0.0.2") as elsewhere:
        elsewhere.add("/page", b"<html></html>", content_type="text/html")
        server.add("/", b"<html></html>", content_type="text/html")
        server.add("/a.jpg", body)
        for path in ("/away", "/away?free"):
            target = {"Location": elsewhere.url("/page")}
            server.add(path, b"", status=302, headers=target)
        args = [*crawl("fenced", base=server.url("/")[:-1]), "-O", str(feed)]
        run = project.run(*args, **ODD)
        assert run.code == 0, run.log[-3000:]
        assert len(elsewhere.hits()) == 1
        away = server.url("/away")
    lines = [json.loads(line) for line in feed.read_text().splitlines()]
    assert {"meta": ["abc", "x.jpg"]} in lines
    assert [line["arrived"] for line in lines if "arrived" in line] == ["away?free"]
    missing = project.manifest("failed.jsonl")
    assert {url: (one["status"], one["reason"]) for url, one in missing.items()} == {
        away: ("filtered", "offsite")
    }
    assert project.files() == expected([body])
    (image,) = project.manifest().values()
    assert (image["title"], image["tags"]) == ("?", {"?": ["?"]})


def test_a_method_that_was_renamed_costs_nothing_when_it_is_back(project: Project) -> None:
    with FaultServer() as server:
        for path in ("/", "/0", "/1", "/2", "/old"):
            server.add(path, b"<html></html>", content_type="text/html")
        arguments = {"base": server.url("/")[:-1], "job": "j"}
        for _ in range(2):
            run = project.run(*crawl("renamed", lost="yes", **arguments), **ODD)
            assert run.code == 2
            (line,) = run.lines(" ERROR: ")
            assert "'parse_old', which the spider 'renamed' does not have" in line
            assert "never came back" not in run.log
            assert run.lines("pages: discovered 5 = crawled 1 + failed 0 + pending 4")
        run = project.run(*crawl("renamed", **arguments), **ODD)
        assert run.code == 0
        assert run.lines("pages: discovered 5 = crawled 5 + failed 0 + pending 0")
        paths = Counter(hit.path for hit in server.hits() if hit.path != "/robots.txt")
    assert paths == dict.fromkeys(("/", "/0", "/1", "/2", "/old"), 1)


def test_hooks_that_wait(project: Project, server: FaultServer) -> None:
    bodies = [sample_image(n, size=(32, 24)) for n in range(2)]
    for n, body in enumerate(bodies):
        following = "<a href=/page1>next</a>" if n == 0 else ""
        html = f"<h1>Roses {n}</h1><img src=/{n}.jpg>{following}"
        server.add(f"/page{n}", html.encode(), content_type="text/html")
        server.add(f"/{n}.jpg", body)
    code = """
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.utils.project import get_project_settings
from tests.crawl.spiders.hooked import HookedSpider

settings = get_project_settings()
settings.setdict(SETTINGS, priority="cmdline")
process = AsyncCrawlerProcess(settings)
process.crawl(HookedSpider, start_urls=[{url!r}])
process.start()
"""
    run = project.script(code.format(url=server.url("/page0")))
    assert project.files() == expected(bodies), run.log[-3000:]
    assert {one["genre"] for one in project.manifest().values()} == {"Roses 0", "Roses 1"}
    assert project.run("check", "hooked", **ODD).code == 0


def test_items_that_share_an_image_or_have_none_are_in_the_feed(
    project: Project, server: FaultServer
) -> None:
    server.add("/page", b"<html></html>", content_type="text/html")
    server.add("/same.jpg", sample_image(1, size=(32, 24)))
    feed = project.folder / "feed.jsonl"
    code = """
from scrapy.crawler import CrawlerProcess
from scrapy.utils.project import get_project_settings
from tests.crawl.spiders.items import ItemsSpider

settings = get_project_settings()
settings.setdict(SETTINGS, priority="cmdline")
settings.set("FEEDS", {{{feed!r}: {{"format": "jsonlines"}}}}, priority="cmdline")
process = CrawlerProcess(settings)
process.crawl(ItemsSpider, start_urls=[{url!r}])
process.start()
"""
    run = project.script(code.format(url=server.url("/page"), feed=str(feed)))
    assert run.code == 0, run.log[-3000:]
    lines = [json.loads(line) for line in feed.read_text().splitlines()]
    same, gone = server.url("/same.jpg"), server.url("/gone.jpg")
    items = [(line["price"], *line["pictures"]) for line in lines if "url" not in line]
    assert items == [(1, same), (2, same), (3, gone)]
    records = [(one["price"], one["url"], one["status"]) for one in lines if "url" in one]
    assert records == [(1, same, "stored"), (2, same, "duplicate")]
    assert set(project.manifest("failed.jsonl")) == {gone}
