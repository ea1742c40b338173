from __future__ import annotations

import gzip

import pytest

from imagecrawl.inputs.sitemaps import SitemapEntry, SitemapError, SitemapImage, read_sitemap

URL = "https://example.com/sitemaps/a.xml"
MAPS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
IMAGE = 'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'


def read(body: bytes | str, url: str = URL, most: int = 0) -> list[SitemapEntry]:
    return list(read_sitemap(body.encode() if isinstance(body, str) else body, url, most))


def test_pages_and_images() -> None:
    body = f"""<?xml version="1.0" encoding="UTF-8"?><urlset {MAPS} {IMAGE}>
    <url><loc> https://example.com/a?x=1&amp;y=2 </loc><lastmod>2026-01-01</lastmod>
      <image:image><image:loc>/a.jpg</image:loc><image:title>T</image:title>
      <image:caption><![CDATA[C & D]]></image:caption></image:image>
      <image:image><image:loc>b.jpg</image:loc></image:image></url>
    <url><loc>/b</loc></url><url><priority>1</priority></url></urlset>"""
    images = [
        SitemapImage("https://example.com/a.jpg", "T", "C & D"),
        SitemapImage("https://example.com/sitemaps/b.jpg"),
    ]
    assert read(body) == [
        SitemapEntry("https://example.com/a?x=1&y=2", images=images),
        SitemapEntry("https://example.com/b"),
    ]


@pytest.mark.parametrize("times", [0, 1, 2])
def test_an_index_also_compressed(times: int) -> None:
    body = f"<sitemapindex {MAPS}><sitemap><loc>/b.xml.gz</loc></sitemap></sitemapindex>".encode()
    body = gzip.compress(body) if times == 1 else body
    if times == 2:  # two members, as log rotation makes them
        body = gzip.compress(body[:20]) + gzip.compress(body[20:])
    assert read(body) == [SitemapEntry("https://example.com/b.xml.gz", is_sitemap=True)]


def test_text_and_robots_txt() -> None:
    assert read("\ufeffhttps://a.test/1\r\n\r\nnonsense\nhttps://a.test/2") == [
        SitemapEntry("https://a.test/1"),
        SitemapEntry("https://a.test/2"),
    ]
    robots = "User-agent: *\nDisallow: /\n  SiteMap : /map.xml\nSitemap: https://b.test/x\n"
    found = [entry.url for entry in read(robots, "https://a.test/robots.txt")]
    assert found == ["https://a.test/map.xml", "https://b.test/x"]
    assert read("User-agent: *", "https://a.test/robots.txt?x") == []


def test_what_is_broken_is_read_as_far_as_it_goes() -> None:
    body = f"<urlset {MAPS}><url><loc>https://a.test/?a=1&b=2</loc></url><url><loc>https://a.test/2"
    assert read(body)[0].url.startswith("https://a.test/?a=1")
    whole = gzip.compress(f"<urlset {MAPS}>{'<url><loc>/a</loc></url>' * 5000}</urlset>".encode())
    assert len(read(whole)) == 5000
    assert 0 < len(read(whole[:-30])) <= 5000


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "neither XML nor"),
        (b"<html><body>Not found</body></html>", "neither <urlset>"),
        (b"\x1f\x8bnonsense", "gzip is broken"),
        (b"\x89PNG\r\n", "neither XML nor"),
        (b"<", "neither <urlset>"),
        (b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>', "neither <urlset>"),
    ],
)
def test_no_sitemap(body: bytes, message: str) -> None:
    with pytest.raises(SitemapError, match=message):
        read(body)


def test_entities_are_not_resolved_and_bombs_not_unpacked(tmp_path: object) -> None:
    body = (
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "bb">]>'
        f"<urlset {MAPS}><url><loc>https://a.test/&a;x</loc></url></urlset>"
    )
    assert all("root:" not in entry.url for entry in read(body))
    with pytest.raises(SitemapError, match="more than 1000000 bytes"):
        read(gzip.compress(b" " * 10_000_000), most=1_000_000)
