"""Where else than in ``img`` and ``picture`` a page names its pictures."""

from __future__ import annotations

import re

import pytest

from imagecrawl.discovery.images import ImageExtractor
from tests.discovery.pages import SITE, images, page, short


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<object data=/a.png></object>", [("object@data", "/a.png")]),
        ("<object data=/a type=image/png></object><object data=/b></object>",
         [("object@data", "/a")]),
        ("<embed src=/a.svg><embed src=/b.swf>", [("embed@src", "/a.svg")]),
        ("<iframe src=/a.jpg></iframe><iframe src=/b></iframe>", [("iframe@src", "/a.jpg")]),
        ("<iframe srcdoc='&lt;img src=a.jpg&gt;'></iframe>", [("img@src", "/dir/a.jpg")]),
        ("<svg><image href=/a.jpg xlink:href=/b.jpg /><image xlink:href=/c.jpg /></svg>",
         [("image@href", "/a.jpg"), ("image@xlink:href", "/c.jpg")]),
        ("<svg><filter><feImage href=/a.jpg /></filter></svg>", [("feimage@href", "/a.jpg")]),
        ("<body background=/a.jpg><table background=/b.jpg><tr><td background=/c.jpg>",
         [("body@background", "/a.jpg"), ("table@background", "/b.jpg"),
          ("td@background", "/c.jpg")]),
        ("<p background=/a.jpg>", []),
        ("<amp-img src=/a.jpg srcset='/b.jpg 2x' alt=A></amp-img>",
         [("amp-img@srcset", "/b.jpg", "/a.jpg")]),
        ("<x-y><template shadowrootmode=open><img src=/a.jpg></template></x-y>",
         [("img@src", "/a.jpg")]),
        ("<template><img src=/a.jpg></template><textarea><img src=/b.jpg></textarea>"
         "<!-- <img src=/c.jpg> --><script>'<img src=/d.jpg>'</script><title><img src=/e.jpg>",
         []),
        # for scripts
        ("<div data-bg=/a>", [("div@data-bg", "/a")]),
        ("<div data-bg='url(\"/a.jpg\")'>", [("div@data-bg", "/a.jpg")]),
        ("<li data-thumb=/s.jpg data-full=/l.jpg data-title=a.b>",
         [("li@data-full", "/l.jpg", "/s.jpg")]),
        ("<div data-anything=/a.jpg data-url=/page data-json='[\"/b.jpg\"]'>",
         [("div@data-anything", "/a.jpg"), ("div@data-json", "/b.jpg")]),
        # What an attribute of an unknown name holds is no size of the picture.
        ("<img src=/a.jpg data-error-src=/broken.png data-map-icon=/pin.png data-next=/b.jpg>"
         "<img src=/b.jpg data-error-src=/broken.png data-map-icon=/pin.png>",
         [("img@src", "/a.jpg"), ("img@data-next", "/b.jpg")]),
        ("<img src=/blank.gif data-whatever=/a.jpg>", [("img@data-whatever", "/a.jpg")]),
        ("<div data-slide1=/a.jpg data-slide2=/b.jpg data-name=c.jpg>",
         [("div@data-slide1", "/a.jpg"), ("div@data-slide2", "/b.jpg")]),
        ("<div data-images='/a.jpg,/b.jpg'>",
         [("div@data-images", "/a.jpg"), ("div@data-images", "/b.jpg")]),
        ("<img src=/blank.gif data-src='/s.jpg|/l.jpg'>",
         [("img@src", "/blank.gif"), ("img@data-src", "/s.jpg"), ("img@data-src", "/l.jpg")]),
        ("<img src=/pixel.gif data-a-dynamic-image='{\"/s.jpg\":[90,60],\"/l.jpg\":[900,600]}'>",
         [("img@data-a-dynamic-image", "/l.jpg", "/s.jpg")]),
        ("<amp-img srcset='/a.jpg 1x, /b.jpg 2x'></amp-img>",
         [("amp-img@srcset", "/b.jpg", "/a.jpg")]),
        ("<shreddit-player poster=/a.jpg></shreddit-player>",
         [("shreddit-player@poster", "/a.jpg")]),
        ("<div data-x='/a.jpg 1x, /b.jpg 2x'>", [("div@data-x", "/b.jpg", "/a.jpg")]),
        ("<img src=/s.jpg data-zoom-image=/l.jpg data-hover=/other.jpg>",
         [("img@data-zoom-image", "/l.jpg", "/s.jpg"), ("img@data-hover", "/other.jpg")]),
        ("<img src=/s.jpg zoomfile=/l.jpg onerror='this.src=\"/x.jpg\"' alt=y.jpg>",
         [("img@zoomfile", "/l.jpg", "/s.jpg")]),
        ("<img data-src='/a_{width}x.jpg' data-widths='[180, 360]'>",
         [("img@data-src", "/a_360x.jpg", "/a_180x.jpg")]),
        ("<div data-src=/a.mp4></div><video data-src=/b.mp4 data-poster=/c></video>",
         [("video@data-poster", "/c")]),
    ],
)  # fmt: skip
def test_elements(body: str, expected: list[tuple[str, ...]]) -> None:
    assert short(body) == expected


def test_what_is_said_of_a_picture() -> None:
    body = """<figure><a href=/full.jpg><img src=/a.jpg srcset="/b.jpg 800w" alt=" An  alt "
        title="A title"></a><figcaption>A <i>caption</i>
        here</figcaption></figure><img src=/c.jpg aria-label=Label><img src=/d.jpg>"""
    full, first, second, third = images(body)
    assert (first.alt, first.title, first.caption) == ("An alt", "A title", "A caption here")
    assert (first.url, first.width, first.density) == (f"{SITE}/b.jpg", 800, None)
    assert (full.caption, second.caption, third.caption) == ("A caption here", "Label", None)
    assert [one.position for one in images(body)] == [1, 2, 3, 4]


def test_a_placeholder_is_no_size() -> None:
    (found,) = images("<img src=/blank.gif data-src=/a.jpg srcset='/b.jpg 100w'>")
    assert found.sizes == [f"{SITE}/b.jpg", f"{SITE}/a.jpg"]
    assert found.placeholders == (f"{SITE}/blank.gif",)


PAGE = """<div id=a><img src=/a.jpg><p style="background:url(/b.png)"></div>
    <meta property=og:image content=/c.jpg><img src=data:image/png;base64,AAAA>"""


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({}, ["/a.jpg", "/b.png", "/c.jpg"]),
        ({"allow": r"\.jpg$"}, ["/a.jpg", "/c.jpg"]),
        ({"allow": (re.compile("a"), "b"), "deny": "/b"}, ["/a.jpg", "/c.jpg"]),
        ({"sources": "img@*"}, ["/a.jpg"]),
        ({"deny_sources": ("*@style", "og:*")}, ["/a.jpg"]),
        ({"restrict_css": "#a p"}, ["/b.png"]),
        ({"restrict_css": ("p", "img")}, ["/b.png", "/a.jpg"]),
        ({"restrict_xpaths": "//div[@id='a']"}, ["/a.jpg", "/b.png"]),
        ({"data_urls": True, "sources": "img@*"}, ["/a.jpg", "data:image/png;base64,AAAA"]),
    ],
)
def test_which_images_are_wanted(arguments: dict[str, object], found: list[str]) -> None:
    extractor = ImageExtractor(**arguments)  # type: ignore[arg-type]
    urls = [candidate.url.removeprefix(SITE) for candidate in extractor.extract(page(PAGE))]
    assert urls == found


def test_a_pattern_that_is_none() -> None:
    with pytest.raises(ValueError, match="no regular expression"):
        ImageExtractor(deny="(")


def test_spacers_within_the_page() -> None:
    body = """<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">
        <img src="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'%3E%3C/svg%3E">
        <img src="data:image/svg+xml,<svg><path d='M0 0'/></svg>"><img src="data:text/html,x">"""
    (found,) = ImageExtractor(data_urls=True).extract(page(body))
    assert found.url == "data:image/svg+xml,%3Csvg%3E%3Cpath%20d='M0%200'/%3E%3C/svg%3E"
