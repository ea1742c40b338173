"""Spiders that know nothing of the frontier work as Scrapy's documentation says."""

from __future__ import annotations

import json
from collections import Counter

from imagecrawl.demo.faultserver import FaultServer
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
