"""A site's sitemaps, as a crawl reads them."""

from __future__ import annotations

import gzip
from collections import Counter

from imagecrawl.demo.faultserver import FaultServer
from imagecrawl.demo.gallery import sample_image
from tests.crawl.project import Project
from tests.crawl.sites import expected

NAMESPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)


def site(server: FaultServer) -> dict[str, bytes]:
    """Put a site of six pages, with an image each in sitemaps and one on them, on *server*."""
    bodies = {n: sample_image(n, size=(32, 24)) for n in range(12)}
    for n, body in bodies.items():
        server.add(f"/{n}.jpg", body)
    for part in (0, 1):
        entries = "".join(
            f"<url><loc>{server.url(f'/p{n}')}</loc><image:image><image:loc>"
            f"{server.url(f'/{n}.jpg')}</image:loc><image:title>T{n}</image:title>"
            f"<image:caption>C &amp; {n}</image:caption></image:image></url>"
            for n in range(3 * part, 3 * part + 3)
        )
        text = f"<urlset {NAMESPACES}>{entries}</urlset>".encode()
        path = f"/map{part}.xml.gz"
        server.add(path, gzip.compress(text), content_type="application/x-gzip")
    for n in range(6):
        html = f"<img src=/{n + 6}.jpg>".encode()
        server.add(f"/p{n}", html, content_type="text/html")
    parts = "".join(f"<sitemap><loc>/map{part}.xml.gz</loc></sitemap>" for part in (0, 1, 2))
    index = f"<?xml version='1.0'?><sitemapindex {NAMESPACES}>{parts}</sitemapindex>"
    server.add("/index.xml", index.encode(), content_type="text/xml")
    server.add("/map2.xml.gz", b"<html>gone</html>", content_type="text/html")
    robots = f"User-agent: *\nDisallow: /x\nSitemap: {server.url('/index.xml')}\n"
    server.add("/robots.txt", robots.encode(), content_type="text/plain")
    return {server.url(f"/{n}.jpg"): body for n, body in bodies.items()}


def paths(server: FaultServer) -> Counter[str]:
    return Counter(hit.path for hit in server.hits())


def test_images_are_fetched_without_the_pages(project: Project, server: FaultServer) -> None:
    bodies = list(site(server).values())
    run = project.run(*project.images(sitemap=server.url("/index.xml")))
    assert run.code == 0, run.log[-3000:]
    assert project.files() == expected(bodies[:6])
    record = project.manifest()[server.url("/4.jpg")]
    assert (record["title"], record["caption"]) == ("T4", "C & 4")
    assert (record["page_url"], record["source"]) == (server.url("/p4"), "sitemap")
    assert not [path for path in paths(server) if path.startswith("/p")]
    assert len(run.lines("/map2.xml.gz is no sitemap")) == 1


def test_pages_too_from_robots_txt(project: Project, server: FaultServer) -> None:
    bodies = list(site(server).values())
    arguments = {"sitemap": server.url("/robots.txt"), "follow": "next", "deny": "p5$"}
    run = project.run(*project.images(**arguments))
    assert run.code == 0, run.log[-3000:]
    assert project.files() == expected(bodies[:11])
    before = paths(server)
    assert before["/p4"] == 1 and before["/p5"] == 0
    assert project.run(*project.images(**arguments)).code == 0
    assert paths(server) == before
