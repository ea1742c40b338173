from __future__ import annotations

import json
from typing import Any

import pytest

from imagecrawl.discovery.directives import header_directives, page_directives
from imagecrawl.discovery.jsonld import json_ld_images
from tests.discovery.pages import page, short


def urls(data: Any) -> list[str]:
    text = data if isinstance(data, str) else json.dumps(data)
    return list(dict.fromkeys(reference for _, reference in json_ld_images(text)))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"image": "/a.jpg"}, ["/a.jpg"]),
        ({"image": ["/a.jpg", "/b.jpg"], "thumbnailUrl": "/t.jpg"}, ["/a.jpg", "/b.jpg", "/t.jpg"]),
        ({"image": {"@type": "ImageObject", "url": "/a.jpg"}}, ["/a.jpg"]),
        ({"image": {"contentUrl": "/a.jpg", "url": "/page"}}, ["/a.jpg"]),
        ({"schema:image": "/a.jpg"}, ["/a.jpg"]),
        ({"http://schema.org/image": [{"@value": "/a.jpg"}]}, ["/a.jpg"]),
        ({"publisher": {"logo": {"url": ["/l.png", "/m.png"]}}}, ["/l.png"]),
        ({"@graph": [{"image": {"@id": "#i"}}, {"@id": "#i", "url": "/a.jpg"}]}, ["/a.jpg"]),
        ({"image": {"@id": "#nowhere"}}, []),
        ([{"image": "/a.jpg"}, [{"image": "/b.jpg"}]], ["/a.jpg", "/b.jpg"]),
        ({"image": None, "logo": 7, "photo": [None, {"x": 1}]}, []),
        ("<!-- {\"image\": \"/a.jpg\",} -->", ["/a.jpg"]),
        ("//<![CDATA[\n{\"image\": \"/a.jpg\"}\n//]]>", ["/a.jpg"]),
        ("{\"image\": \"/a.jpg\"};", ["/a.jpg"]),
        ("{\"name\": \"a\nb\", \"image\": \"/a.jpg\"}", ["/a.jpg"]),
        ("{\"name\": \"a\"b\", \"image\": \"\\/a.jpg\"", ["/a.jpg"]),
        ("{\"x\": \"a\"b\", \"logo\": {\"@type\": \"y\", \"url\": \"/l.png\"}", ["/l.png"]),
        ("[" * 100_000 + "{\"image\": \"/a.jpg\"}" + "]" * 100_000, ["/a.jpg"]),
        ("not json", []),
    ],
)  # fmt: skip
def test_json_ld(data: Any, expected: list[str]) -> None:
    assert urls(data) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<script type="application/ld+json">{"image": "a.jpg"}</script>',
         [("json-ld:image", "/dir/a.jpg")]),
        ('<script type="application/ld+json">{"contentUrl": "/a.mp4", "image": "/b.zip"}</script>',
         []),
        ('<script type="text/javascript">{"image": "a.jpg"}</script>', []),
        ("<meta itemprop=image content=/a.jpg>", [("microdata:image", "/a.jpg")]),
        ("<link itemprop=thumbnailUrl href=/a>", [("microdata:thumbnailUrl", "/a")]),
        ("<a itemprop='x contentUrl' href=/a.jpg>x</a>", [("a@href", "/a.jpg")]),
        ("<a itemprop=contentUrl href=/a.mp4>x</a>", []),
        ("<span itemprop=image content=/a.jpg></span>", [("microdata:image", "/a.jpg")]),
        ("<div itemprop=logo itemscope><meta itemprop=url content=/l.png></div>",
         [("microdata:logo", "/l.png")]),
        ("<img itemprop=image src=/a.jpg>", [("img@src", "/a.jpg")]),
        ("<link rel=apple-touch-icon href=/t.png>", [("link@apple-touch-icon", "/t.png")]),
        ("<link rel=preload as=image href=/a imagesrcset='/s 1x, /l 2x'>",
         [("link@preload", "/l", "/s", "/a")]),
        ("<link rel=preload as=image href=/a><link rel=preload as=font href=/b.jpg>",
         [("link@preload", "/a")]),
        ("<meta name=msapplication-TileImage content=/t.png>",
         [("msapplication-tileimage", "/t.png")]),
        # The same picture in another size on the page: one request.
        ("<meta property=og:image content=/s.jpg><img srcset='/s.jpg 1x, /l.jpg 2x'>",
         [("img@srcset", "/l.jpg", "/s.jpg")]),
    ],
)  # fmt: skip
def test_what_a_page_declares(body: str, expected: list[tuple[str, ...]]) -> None:
    assert short(body) == expected


def test_what_is_said_to_robots() -> None:
    response = page(
        "<meta name=ROBOTS content='NoIndex,  no ai'><meta name=googlebot content=noimageindex>"
        "<meta name=description content=nofollow>"
    )
    fields = [b"noai, noimageai", b"unavailable_after: 25 Jun 2026 15:00:00 PST, otherbot: none"]
    response.headers.setlist("X-Robots-Tag", fields)
    assert header_directives(response) == [
        "noai",
        "noimageai",
        "unavailable_after: 25 jun 2026 15:00:00 pst",
        "otherbot:none",
    ]
    assert page_directives(response)[4:] == ["noindex", "no ai", "googlebot:noimageindex"]
