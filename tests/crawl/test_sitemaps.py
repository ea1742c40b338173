"""A site's sitemaps, as a crawl reads them."""

from __future__ import annotations

import gzip
from collections import Counter

from imagecrawl.demo.faultserver import FaultServer
from imagecrawl.demo.gallery import sample_image
from tests.crawl.project import Project
from tests.crawl.sites import expected
from tests.rawserver import Asked, RawServer

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
    few = {"IMAGECRAWL_DOUBTFUL_RETRY_TIMES": 1}
    run = project.run(*project.images(sitemap=server.url("/index.xml")), **few)
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
    few = {"IMAGECRAWL_DOUBTFUL_RETRY_TIMES": 1}
    run = project.run(*project.images(**arguments), **few)
    assert run.code == 0, run.log[-3000:]
    assert project.files() == expected(bodies[:11])
    before = paths(server)
    assert before["/p4"] == 1 and before["/p5"] == 0
    assert project.run(*project.images(**arguments)).code == 0
    assert paths(server) == before


def test_a_sitemap_that_is_cut_is_asked_for_again(project: Project) -> None:
    entries = "".join(f"<url><loc>http://h.test/{n * n}</loc></url>" for n in range(2000))
    answers: list[bytes] = []

    def handle(one: Asked) -> None:
        if one.path == "/robots.txt":
            one.answer(b"", Content_Type="text/plain")
        elif one.path == "/1.jpg":
            one.answer(sample_image(1), Content_Type="image/jpeg")
        else:
            one.answer(answers.pop(0), Content_Type="application/gzip")

    with RawServer(handle) as server:
        last = f"<url><loc>{server.url('/1.jpg')}</loc></url>"
        whole = gzip.compress(f"<urlset {NAMESPACES}>{entries}{last}</urlset>".encode())
        answers += [whole[:-60], whole]
        run = project.run(*project.images(sitemap=server.url("/map.xml.gz")))
        assert run.code == 0, run.log[-3000:]
        assert project.files() == expected([sample_image(1)])
        assert "Traceback" not in run.log


def test_the_only_sitemap_is_none(project: Project, server: FaultServer) -> None:
    server.add("/map.xml", b"<html>captcha</html>", content_type="text/html")
    few = {"IMAGECRAWL_DOUBTFUL_RETRY_TIMES": 1}
    run = project.run(*project.images(sitemap=server.url("/map.xml")), **few)
    assert run.code == 2
    assert len([one for one in run.lines("/map.xml is no sitemap") if " ERROR: " in one]) == 1
    assert paths(server)["/map.xml"] == 2
    assert project.manifest("failed.jsonl")[server.url("/map.xml")]["reason"] == "html"
    assert "Traceback" not in run.log
