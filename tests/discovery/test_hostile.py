"""No page makes discovery raise, or take more than a moment."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.http import HtmlResponse

from imagecrawl.discovery.images import ImageExtractor
from imagecrawl.discovery.links import next_pages, site_links
from tests.discovery.pages import SITE, page

PIECES = [
    *("<img", " src=", " srcset='", "a.jpg 2x, ", "'", '"', ">", "</", "<picture>", "</picture>"),
    *("<source srcset=/a.webp>", "<noscript>", "</noscript>", "&lt;img src=/b.jpg>", "<a href="),
    *("<img data-src=/a.jpg>", "<img src=/blank.gif>", "<base href=", "http://[", "//", "\x00"),
    *("<meta property=og:image content=", "<link rel=next href=", "\ufffd", "\ud83d\ude00"[:0]),
    *("<!--", "-->", "<![CDATA[", "<?php", "<svg>", "<template>", "<table>", "<li class=next>"),
    *("&#0;", "&#xD800;", "&#x110000;", "&bogus;", "javascript:", "data:,", "\u202e", "ü"),
]


def discover(response: HtmlResponse) -> None:
    found = ImageExtractor().extract(response)
    urls = [candidate.url for candidate in found]
    assert len(urls) == len(set(urls))
    for candidate in found:
        assert candidate.url not in candidate.alternatives
        for url in (candidate.url, *candidate.alternatives):
            assert url.startswith(("http://", "https://")) and url.isascii() and "#" not in url
    next_pages(response)
    site_links(response)


def test_random_markup() -> None:
    chance = random.Random(7)
    for _ in range(400):
        discover(page("".join(chance.choices(PIECES, k=chance.randrange(60)))))


@settings(max_examples=60)
@given(st.binary(max_size=200), st.sampled_from(["utf-8", "utf-16", "cp1252", "gb18030"]))
def test_random_bytes(body: bytes, encoding: str) -> None:
    discover(HtmlResponse(SITE, body=b"<img src='" + body, encoding=encoding))
    discover(HtmlResponse(SITE, body=body + b"<a href=" + body, encoding=encoding))


# The depths are what lxml still reads: 2048.
@pytest.mark.parametrize(
    "body",
    [
        "<picture>" * 2000 + "<img src=/a.jpg>" * 5000,
        "<picture><noscript>" * 1000 + "<img src=/a.jpg>" * 5000,
        "<picture>" + "<noscript><img src=/a.jpg></noscript><img>" * 3000,
        "<picture>" + "<noscript>&lt;img src=/a.jpg></noscript><img>" * 3000,
        "<noscript>" * 2000 + "<img src=/a.jpg>" * 5000,
        "<img><noscript>" * 2000 + "<p>" * 20_000,
        "<noscript><img src=/blank.gif>" * 2000,
        "<div>" * 2000 + "<a href=/a.jpg><img src=/b.jpg>" * 2000,
        "<a href=/x><div>" * 1000 + "<i></i>" * 20_000,
        "<li class=next>" * 2000 + "<a href=/x>" * 5000,
        "<img srcset='" + "a," * 100_000 + "'>",
        "<img src='" + "../" * 100_000 + "'>",
        "<img src='//" + "a." * 100_000 + "/'>",
        "<source media='" + "min-width:" * 20_000 + "'>",
        "<picture><source srcset=/a media='(min-width: " + "9" * 5000 + "." * 9 + "px)'><img>",
        "<noscript>" + "&lt;noscript>" * 20_000 + "</noscript>",
        "<div><template shadowrootmode=open>" * 2000 + "<img src=/a.jpg>",
        "<style>a{" + "/**/" * 20_000 + "b:url(x)}</style>",
        "<img data-src='url(" + " " * 5000 + "x'>" * 20,
        "<div data-x='" + "[" * 5000 + "'>" * 20,
        "<meta property=og:image content=/a><meta property=og:image:url content=/b>" * 5000,
    ],
    ids=lambda body: body[:40],
)
def test_large_pages_take_no_time(body: str) -> None:
    response = page(body)
    assert response.text is not None
    before = time.perf_counter()
    discover(response)
    assert time.perf_counter() - before < 3
