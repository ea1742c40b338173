from __future__ import annotations

import pytest
from scrapy.http import HtmlResponse, JsonResponse, TextResponse, XmlResponse

from imagecrawl.discovery.candidates import ImageCandidate
from imagecrawl.discovery.images import ImageExtractor
from tests.discovery.pages import SITE, images, page, short

GIF = "data:image/gif;base64,R0lGODlhAQABAAAAACw="

IMG = [
    ('<img src="/a.jpg">', [("img@src", "/a.jpg")]),
    ('<img src="a" loading="lazy">', [("img@src", "/dir/a")]),
    ("<img>", []),
    ('<img src="">', []),
    ('<image src="/a.jpg">', [("img@src", "/a.jpg")]),
    ('<input type=IMAGE src="/a.png">', [("input@src", "/a.png")]),
    ('<input type=text src="/a.png">', []),
    ('<video poster="/p.jpg"><source src="/v.mp4"></video>', [("video@poster", "/p.jpg")]),
    (
        '<img src="/s.jpg" srcset="/a.jpg 300w, /b.jpg 900w, /c.jpg 600w">',
        [("img@srcset", "/b.jpg", "/c.jpg", "/a.jpg", "/s.jpg")],
    ),
    ('<img src="/a.jpg" srcset="/b.jpg 2x">', [("img@srcset", "/b.jpg", "/a.jpg")]),
    ('<img src="/a.jpg" srcset="/b.jpg 0.5x">', [("img@src", "/a.jpg", "/b.jpg")]),
    ('<img src="/a.jpg" srcset="/a.jpg 1x">', [("img@srcset", "/a.jpg")]),
    ('<img src="/a.jpg" srcset="/b.jpg 2q">', [("img@src", "/a.jpg")]),
    (f'<img src="/a.jpg" srcset="{GIF} 9w">', [("img@src", "/a.jpg")]),
    ('<img data-src="/a.jpg" srcset="/blur.jpg 20w">', [("img@data-src", "/a.jpg", "/blur.jpg")]),
]
LAZY_NAMES = [
    *("data-src", "data-lazy-src", "data-original", "data-lazy", "data-hi-res-src", "data-full"),
    *("data-image", "data-echo", "data-url"),
]
PLACEHOLDERS = [
    *(GIF, "", "about:blank", "/blank.gif", "/1x1.png", "/img/spacer.gif", "/s.gif", "/t.gif"),
    *("/lazy_placeholder.gif?v=2", "/assets/loading.svg", "/ajax-loader.gif", "/grey.gif"),
    *("/placeholder-300x200.png", "/img/product-image-placeholder.jpg", "/transparent-1x1.png"),
]


@pytest.mark.parametrize(("body", "expected"), IMG)
def test_img(body: str, expected: list[tuple[str, ...]]) -> None:
    assert short(body) == expected


@pytest.mark.parametrize("name", LAZY_NAMES)
@pytest.mark.parametrize("src", PLACEHOLDERS)
def test_a_lazy_attribute_wins_over_a_placeholder(name: str, src: str) -> None:
    assert short(f'<img src="{src}" {name}="/a.jpg">') == [(f"img@{name}", "/a.jpg")]


@pytest.mark.parametrize("name", ["data-srcset", "data-lazy-srcset"])
def test_a_lazy_srcset(name: str) -> None:
    body = f'<img src="/loading.gif" {name}="/a.jpg 1x, /b.jpg 2x">'
    assert short(body) == [(f"img@{name}", "/b.jpg", "/a.jpg")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # Without a lazy attribute, a placeholder's name is a name like any other.
        ('<img src="/loading.gif">', [("img@src", "/loading.gif")]),
        # A small version shown while the large one loads.
        ('<img src="/s.jpg" data-src="/l.jpg">', [("img@data-src", "/l.jpg", "/s.jpg")]),
        ('<img src="/loading-dock.jpg" data-src="/a.jpg">',
         [("img@data-src", "/a.jpg", "/loading-dock.jpg")]),
        ('<img src="/p.gif" width=1 height=1 data-src="/a.jpg">', [("img@data-src", "/a.jpg")]),
        ('<img src="/s.jpg" srcset="/m.jpg 800w" data-full="/l.jpg">',
         [("img@data-full", "/l.jpg", "/m.jpg", "/s.jpg")]),
        ('<img src="/a.jpg" data-lazy="true" data-image="17" data-full="[&quot;/b.jpg&quot;]">',
         [("img@src", "/a.jpg"), ("img@data-full", "/b.jpg")]),
        ('<img src="/a.jpg" data-url="/article/1">', [("img@src", "/a.jpg")]),
        ('<img src="/a.jpg" data-src="/a_{width}x.jpg">', [("img@src", "/a.jpg")]),
        ('<img src="{{ image.url }}"><img src="${src}">', []),
    ],
)  # fmt: skip
def test_which_of_the_attributes(body: str, expected: list[tuple[str, ...]]) -> None:
    assert short(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<source srcset=/a.webp><img src=/a.jpg>", [("picture", "/a.webp", "/a.jpg")]),
        ("<source data-srcset='/a.webp 1x, /b.webp 2x'><img data-src=/a.jpg>",
         [("picture", "/b.webp", "/a.webp", "/a.jpg")]),
        ("<source srcset='/a.webp 800w' media='(max-width: 9px)'><img srcset='/b.jpg 1600w'>",
         [("picture", "/b.jpg", "/a.webp")]),
        ("<source srcset=/m.jpg media='(min-width: 600px)'>"
         "<source srcset=/l.jpg media='(min-width: 75em)'><img src=/s.jpg>",
         [("picture", "/l.jpg", "/m.jpg", "/s.jpg")]),
        ("<source srcset=/m.jpg media='(width >= 600px)'><img src=/s.jpg>",
         [("picture", "/m.jpg", "/s.jpg")]),
        ("<source srcset='/s.jpg, /s2.jpg 2x' media='(max-width: 600px)'>"
         "<source srcset=/m.jpg media='(max-width: 900px)'><img src=/l.jpg>",
         [("picture", "/l.jpg", "/m.jpg", "/s2.jpg", "/s.jpg")]),
        ("<source srcset=/a.jxl type=image/jxl><source srcset=/a.avif type=image/avif>"
         "<img src=/a.png>",
         [("picture", "/a.avif", "/a.png", "/a.jxl")]),
        ("<source srcset=/a.webp>", []),
        ("<source data-srcset=/a.webp>", [("picture", "/a.webp")]),
        ("<img src=/a.jpg>", [("img@src", "/a.jpg")]),
        ("<img src=/a.jpg><source srcset='/b.jpg 2x'>", [("picture", "/b.jpg", "/a.jpg")]),
        # A second img: the end tag is missing.
        ("<source srcset=/a.webp><img src=/a.jpg><p><img src=/b.jpg>",
         [("picture", "/a.webp", "/a.jpg"), ("img@src", "/b.jpg")]),
        ("<source srcset=/a.webp><picture><img src=/a.jpg></picture>",
         [("picture", "/a.webp", "/a.jpg")]),
        ("<source data-srcset=/a.webp><img data-src=/a.jpg><noscript><img src=/a-1.jpg></noscript>",
         [("picture", "/a.webp", "/a.jpg"), ("noscript", "/a-1.jpg")]),
        ("<source data-srcset=/a.webp><img data-src=/a.jpg><noscript><img src=/a.png></noscript>",
         [("picture", "/a.webp", "/a.jpg", "/a.png")]),
    ],
)  # fmt: skip
def test_picture(body: str, expected: list[tuple[str, ...]]) -> None:
    assert short(f"<p><picture>{body}</picture></p>") == expected


def test_the_alt_of_a_picture_is_its_imgs() -> None:
    (found,) = images('<picture><source srcset=/a.webp><img src=/a.jpg alt=" A cat "></picture>')
    assert found == ImageCandidate(
        f"{SITE}/a.webp", "picture", "A cat", (f"{SITE}/a.jpg",), position=1
    )


NOSCRIPT = [
    # alone
    ("<noscript><img src=/a.jpg></noscript>", [("noscript", "/a.jpg")]),
    ("<noscript>&lt;img src=/a.jpg?a=1&amp;amp;b=2></noscript>", [("noscript", "/a.jpg?a=1&b=2")]),
    ("<noscript>&lt;picture>&lt;source srcset=/a.webp>&lt;img src=/a.jpg></noscript>",
     [("noscript", "/a.webp", "/a.jpg")]),
    ("<noscript>&lt;a href=/b.jpg>&lt;img src=/a.jpg></noscript>",
     [("a@href", "/b.jpg"), ("noscript", "/a.jpg")]),
    ("<noscript>Please enable scripts: a &lt; b.</noscript>", []),
    ("<noscript>&lt;noscript>&amp;lt;img src=/a.jpg></noscript>", []),
    # behind the lazy img
    ("<img data-src=/a.jpg><noscript><img src=/a.jpg></noscript>", [("img@data-src", "/a.jpg")]),
    ("<img data-src=/a.jpg><noscript>&lt;img src=/a.jpg></noscript>",
     [("img@data-src", "/a.jpg")]),
    ("<img data-srcset='/a.jpg 300w, /b.jpg 600w'><noscript><img src=/a.jpg></noscript>",
     [("img@data-srcset", "/b.jpg", "/a.jpg")]),
    ("<img data-src=/a-600x400.jpg><noscript><img src=/a.jpg></noscript>",
     [("img@data-src", "/a-600x400.jpg", "/a.jpg")]),
    (f"<img src={GIF} data-id=1><noscript><img src=/a.jpg></noscript>", [("noscript", "/a.jpg")]),
    ("<img src=/blank.gif><noscript><img src=/a.jpg></noscript>"
     "<img src=/blank.gif><noscript><img src=/b.jpg></noscript>",
     [("noscript", "/a.jpg"), ("noscript", "/b.jpg")]),
    # in front of it
    ("<noscript><img src=/a.jpg></noscript><img src=/blank.gif>"
     "<noscript><img src=/b.jpg></noscript><img src=/blank.gif>",
     [("noscript", "/a.jpg"), ("noscript", "/b.jpg")]),
    ("<noscript><img src=/a-9x9.jpg></noscript><picture><source data-srcset=/a.jpg><img></picture>",
     [("picture", "/a.jpg", "/a-9x9.jpg")]),
    # near it
    ("<p><img data-srcset='/a.jpg 300w, /b.jpg 600w'></p><noscript><img src=/a.jpg></noscript>",
     [("img@data-srcset", "/b.jpg", "/a.jpg")]),
    # another picture
    ("<img data-src=/a.jpg><noscript><img src=/b.jpg></noscript>",
     [("img@data-src", "/a.jpg"), ("noscript", "/b.jpg")]),
    ("<noscript><img src=/a.jpg></noscript><img src=/b.jpg>",
     [("noscript", "/a.jpg"), ("img@src", "/b.jpg")]),
    ("<img data-src=/a.jpg><noscript><img src=/a.jpg><img src=/b.jpg></noscript>",
     [("img@data-src", "/a.jpg"), ("noscript", "/b.jpg")]),
    ("<img src=/blank.gif><noscript><img height=1 width=1 src=https://t.test/tr?id=1></noscript>",
     [("img@src", "/blank.gif"), ("noscript", "https://t.test/tr?id=1")]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), NOSCRIPT)
def test_noscript(body: str, expected: list[tuple[str, ...]]) -> None:
    assert short(f"<div>{body}</div>") == expected


def test_a_noscript_gives_its_alt() -> None:
    (found,) = images("<img data-src=/a.jpg><noscript><img src=/a.jpg alt=Cat></noscript>")
    assert found == ImageCandidate(f"{SITE}/a.jpg", "img@data-src", "Cat", position=1)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<a href=/a.JPG?x=1>a</a>", [("a@href", "/a.JPG?x=1")]),
        ("<a href='/a.webp#f'>a</a><area href=b.png>",
         [("a@href", "/a.webp"), ("area@href", "/dir/b.png")]),
        ("<a href=/a.html>a</a><a href=/v?f=a.jpg>a</a><a href=/jpg>a</a><a>a</a>", []),
        ("<a href=/wiki/File:Cat.jpg>a</a><a href=/index.php/Datei:X.png>b</a>", []),
        ("<a href=/me/repo/blob/main/x.png>a</a><a href=/me/repo/raw/main/x.png>b</a>",
         [("a@href", "/me/repo/raw/main/x.png")]),
        ("<a href=/full.jpg><img src=/thumb.jpg></a>",
         [("a@href", "/full.jpg"), ("img@src", "/thumb.jpg")]),
        ("<a href=/full.jpg><img src=/full.jpg></a>", [("a@href", "/full.jpg")]),
    ],
)  # fmt: skip
def test_links_to_image_files(body: str, expected: list[tuple[str, ...]]) -> None:
    assert short(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<meta property=og:image content=/a.jpg>", [("og:image", "/a.jpg")]),
        ("<meta name=OG:Image content=/a.jpg>", [("og:image", "/a.jpg")]),
        ("<meta property=og:image:url content=/a.jpg>", [("og:image:url", "/a.jpg")]),
        ("<meta property=og:image:secure_url content=/a>", [("og:image:secure_url", "/a")]),
        ("<meta name=twitter:image content=/a.jpg>", [("twitter:image", "/a.jpg")]),
        ("<meta property=twitter:image:src content=/a>", [("twitter:image:src", "/a")]),
        ("<link rel='x Image_SRC' href=/a.jpg><link rel='shortcut ICON' href=/i.ico>",
         [("image_src", "/a.jpg"), ("link@icon", "/i.ico")]),
        ("<meta property=og:image content=/a><meta property=og:image:secure_url content=/b>"
         "<meta property=og:image content=/c><meta property=og:image:secure_url content=/d>",
         [("og:image", "/a", "/b"), ("og:image", "/c", "/d")]),
        ("<meta property=og:image content=/a><meta name=twitter:image content=/a>",
         [("og:image", "/a")]),
        ("<meta property=og:image><meta property=og:title content=/a><meta content=/b>", []),
    ],
)  # fmt: skip
def test_metadata(body: str, expected: list[tuple[str, ...]]) -> None:
    assert short(f"<html><head>{body}</head></html>") == expected


def test_alt_texts() -> None:
    body = """<meta property="og:image" content="/a"><meta property="og:image:alt" content=" A ">
    <img src=/b alt=" "><img src=/c alt="B &amp; C"><img src=/b alt=late>
    <input type=image src=/d alt=go>"""
    found = {candidate.url.removeprefix(SITE): candidate.alt for candidate in images(body)}
    assert found == {"/a": "A", "/b": "late", "/c": "B & C", "/d": "go"}


def test_page_order_each_url_once() -> None:
    body = "<a href=/1.jpg><img src=/2.jpg></a><img src=/1.jpg srcset='/3.jpg .5x'><img src=/0.jpg>"
    assert short(body) == [
        ("a@href", "/1.jpg", "/3.jpg"),
        ("img@src", "/2.jpg"),
        ("img@src", "/0.jpg"),
    ]


def test_other_documents() -> None:
    def extract(response: TextResponse) -> list[str]:
        return [found.url for found in ImageExtractor().extract(response)]

    xhtml = (
        b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><img src="/a"/></html>'
    )
    assert extract(XmlResponse(SITE, body=xhtml)) == [f"{SITE}/a"]
    assert extract(JsonResponse(SITE, body=b'{"a": "<img src=/a>"}')) == []
    assert extract(page("[if !cached] <!doctype html><img src=/a>")) == [f"{SITE}/a"]
    assert extract(TextResponse(SITE, body=b"[1]")) == []
    assert extract(TextResponse(SITE, body=b"")) == []
    assert extract(page("<img src=/a>", url="file:///tmp/a.html")) == []
    assert extract(page(f"<img src={SITE}/a>", url="file:///tmp/a.html")) == [f"{SITE}/a"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ("<p>déjà vu</p><img src=/à?à>".encode("cp1252"), "/%C3%A0?%E0"),
        ("<p>déjà vu</p><img src=/à?à>".encode(), "/%C3%A0?%C3%A0"),
        ("<meta charset=utf-16le><p>déjà</p><img src=/à?à>".encode(), "/%C3%A0?%C3%A0"),
        ("\ufeff<p>déjà</p><img src=/à?à>".encode("utf-16-le"), "/%C3%A0?%C3%A0"),
    ],
)
def test_a_page_that_does_not_say_its_encoding(body: bytes, path: str) -> None:
    response = HtmlResponse(SITE, body=body, headers={"Content-Type": "text/html"})
    assert [found.url for found in ImageExtractor().extract(response)] == [SITE + path]
