"""Scrapy's own kinds of spiders: CrawlSpider, SitemapSpider, XMLFeedSpider and CSVFeedSpider."""

from __future__ import annotations

import signal
from collections import Counter

import pytest

from imagecrawl.demo.faultserver import FaultServer
from imagecrawl.demo.gallery import sample_image
from tests.crawl.project import Project, crawl
from tests.crawl.sites import expected
from tests.crawl.test_restarts import interrupt

ITEMS, PER_PAGE = 40, 10
SETTINGS = {"SPIDER_MODULES": "tests.crawl.spiders", "CONCURRENT_REQUESTS": 2}
IN_WORK = 2 + 16  # CONCURRENT_REQUESTS + 16: what a kill -9 makes us fetch again at most


def put(server: FaultServer, path: str, text: str, content_type: str = "text/html") -> None:
    server.add(path, text.encode(), content_type=content_type)


def site(server: FaultServer) -> list[bytes]:
    """Put forty items with a picture each on *server*, ten on a page, in feeds and a sitemap."""
    bodies = [sample_image(n, size=(32, 24)) for n in range(ITEMS)]
    for n, body in enumerate(bodies):
        put(server, f"/item/{n}/", "<a href=more>more</a>")
        put(server, f"/item/{n}/more", f'<img src="/{n}.jpg">')
        server.add(f"/{n}.jpg", body)
    pages = ITEMS // PER_PAGE
    for page in range(pages):
        items = range(page * PER_PAGE, (page + 1) * PER_PAGE)
        links = "".join(f"<a href=/item/{n}/>item »</a>" for n in items)
        others = f"<a href=/page/{(page + 1) % pages}>next »</a><a href=/page/last>last</a>"
        others += "<a href=/item/gone>x</a><a href=/item/unwanted>x</a><a href=/other/1>x</a>"
        put(server, f"/page/{page}", f"<title>Page {page}</title>{links}{others}")
    for path in ("/other/1", "/other/2", "/found"):
        put(server, path, "<a href=/last>last</a>")
    urls = [server.url(f"/item/{n}/") for n in range(ITEMS)]
    locations = "".join(f"<url><loc>{url}</loc></url>" for url in urls)
    put(server, "/sitemap.xml", f"<urlset>{locations}</urlset>", "text/xml")
    links = "".join(f"<item><link>{url}</link></item>" for url in urls)
    put(server, "/feed.xml", f"<feed>{links}</feed>", "text/xml")
    put(server, "/feed.csv", "link,n\n" + "".join(f"{url},1\n" for url in urls), "text/csv")
    return bodies


def hits(server: FaultServer) -> Counter[str]:
    return Counter(hit.path for hit in server.hits() if hit.path != "/robots.txt")


@pytest.mark.parametrize("kind", ["crawl", "sitemap", "xml", "csv"])
def test_killed_and_resumed(project: Project, kind: str) -> None:
    with FaultServer(latency=0.01) as server:
        bodies = site(server)
        args = crawl(f"classic-{kind}", base=server.url("/")[:-1])
        for after in (15, 40):
            interrupt(project, server, args, signal.SIGKILL, after, **SETTINGS)
        run = project.run(*args, **SETTINGS)
        assert run.code == 0 and "Traceback" not in run.log, run.log[-3000:]
        before = hits(server)
        assert sum(count - 1 for count in before.values()) <= 2 * IN_WORK
        assert project.run(*args, **SETTINGS).code == 0
        assert hits(server) == before, "the same command has nothing left to do"
    assert project.files() == expected(bodies)
    records = project.manifest().values()
    assert all("/item/" in record["page"] for record in records)
    if kind == "crawl":
        assert {record["text"] for record in records} == {"item »"}
        assert before["/other/2"] and before["/found"], "a callable callback, and an errback"
        assert not before["/page/last"] and not before["/item/unwanted"]
