from __future__ import annotations

import pytest
from scrapy.http import JsonResponse

from imagecrawl.discovery.links import next_pages, same_site, site_links
from tests.discovery.pages import SITE, page

NEXT = [
    "<link rel=next href=/2>",
    "<link rel='prefetch NEXT' href=/2>",
    "<a rel='nofollow next' href=/2>b</a>",
    "<a class='button next' href=/2>b</a>",
    "<a class=next-page href=/2>b</a>",
    "<li class=next><a href=/2>b</a></li>",
    "<ul class=pager><li class=next><b><a href=/2>b</a></b></li></ul>",
    "<div class=pagination><a href=/0>‹</a><a href=/2>›</a></div>",
    "<div class=pagination><a href=/0>«</a><a href=/2>»</a></div>",
    "<div class=pagination><a href=/2>›</a><a href=/99>»</a></div>",
    "<nav aria-label=Pagination><a href=/2>&gt;</a></nav>",
    "<nav class=pagination><a href=/2 aria-label='Next page'><svg></svg></a></nav>",
    "<nav class=pagination><a href=/2 title=Next><i></i></a></nav>",
    "<a href=/2>Next</a>",
    "<a href=/2> <span>Next</span>\n<span>→</span> </a>",
    "<a href=/2>NEXT »</a>",
    "<a href=/2>weiter</a>",
    "<a href=/2>Nächste Seite ›</a>",
    "<a href=/2>Suivant</a>",
    "<a href=/2>page suivante &gt;</a>",
    "<a href=/2>« Older posts</a>",
    "<a href=/2>Older</a>",
    "<a href=/2><!-- a --><b><i>Next</i></b><!-- b --> page</a>",
    "<a href=/2><img src=/next.gif alt=Next></a>",
    "<a rel=next href=/2>x</a><a href=/2>Next</a><a rel=next href='/2#more'>y</a>",
]


@pytest.mark.parametrize("body", NEXT)
def test_next(body: str) -> None:
    assert next_pages(page(body)) == [f"{SITE}/2"]


@pytest.mark.parametrize(
    "body",
    [
        "<a rel=prev href=/2>b</a>",
        "<a rel=nextpage href=/2>b</a>",
        "<a rel=next>b</a>",
        "<a rel=next href='#'>b</a>",
        "<a class=next href='javascript:go()'>Next</a>",
        "<a class=next href=/dir/page>Next</a>",
        "<li class='next disabled'><a href=/2>Next</a></li>",
        "<a class=next aria-disabled=true href=/2>Next</a>",
        "<a class=carousel-control-next href=/2>b</a>",
        "<a href=/2>What comes next</a>",
        "<a href=/2>»</a>",
        "<p class=breadcrumb><a href=/2>›</a></p>",
        "<a href=/2.jpg>Next</a>",
        "<a href=/2>Previous</a>",
    ],
)
def test_not_next(body: str) -> None:
    assert next_pages(page(body)) == []


@pytest.mark.parametrize(
    ("field", "urls"),
    [
        ('</2>; rel="next"', ["/2"]),
        ("<2>;rel=NEXT", ["/dir/2"]),
        ('</0>; rel=prev, </2>; title="a, <b>; \\"c"; rel="last next"', ["/2"]),
        ('</2> ; Rel = "next" ; foo', ["/2"]),
        ("</2>; foo;; rel=next", ["/2"]),
        ('</2>; rel=prev; rel="next"', []),
        ("</2>; rel=nextish", []),
        ('</2>; rel=next; anchor="/other"', []),
        ("</2>", []),
        ("2; rel=next", []),
        ("<javascript:x>; rel=next", []),
        ('</2>; rel="next', []),
        ("<" * 9999 + ">" + ";" * 9999 + " " * 9999, []),
    ],
)
def test_link_header(field: str, urls: list[str]) -> None:
    body = "<base href=/base/>"
    assert next_pages(page(body, link=field)) == [SITE + url for url in urls]


def test_declared_pages_come_first() -> None:
    body = "<a href=/4>Next</a><a rel=next href=/3>x</a><link rel=next href=/2>"
    found = next_pages(page(body, link="</1>; rel=next"))
    assert [url.removeprefix(SITE) for url in found] == ["/1", "/3", "/2", "/4"]


def test_no_html() -> None:
    response = JsonResponse(SITE, body=b"[]", headers={"Link": "</2>; rel=next"})
    assert next_pages(response) == [f"{SITE}/2"]
    assert site_links(response) == []
    assert site_links(page("<a href=https://example.com/>x</a>", url="file:///x")) == []


def test_site_links() -> None:
    body = """<base href=/b/><a href=1>x</a><a href="/2#f">x</a>
    <map><area href=//www.example.com/3></map>
    <a href=http://img.example.com:8080/4?a=b>x</a><a href=/2>x</a><a href=#top>x</a><a href>x</a>
    <a href=https://example.org/>x</a><a href=https://notexample.com/>x</a><a>x</a>
    <a href=mailto:a@example.com>x</a><a href=javascript:void(0)>x</a><a href=tel:1>x</a>
    <a href=/a.jpg>x</a><a href=/a.PNG?x>x</a><a href=/a.zip>x</a>
    <a href=/a.mp4>x</a><a href=/a.pdf#p=1>x</a>
    <a href=/export download>x</a><a href=/wiki/File:Cat.jpg>x</a><a href=/wiki/Next.js>x</a>
    <a href="http://[/">x</a>"""
    assert site_links(page(body)) == [
        "https://example.com/b/1",
        "https://example.com/2",
        "https://www.example.com/3",
        "http://img.example.com:8080/4?a=b",
        "https://example.com/wiki/File:Cat.jpg",
        "https://example.com/wiki/Next.js",
    ]


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("https://example.com/", "http://www.example.com:8080/x", True),
        ("https://a.example.co.uk/", "https://b.example.co.uk/", True),
        ("https://example.co.uk/", "https://other.co.uk/", False),
        ("https://EXAMPLE.com./", "https://example.com", True),
        ("https://bücher.de/", "https://www.xn--bcher-kva.de/", True),
        ("https://u:p@example.com/", "https://example.com?x", True),
        ("https://a.github.io/", "https://b.github.io/", False),
        ("https://github.io/", "https://github.io/x", True),
        ("http://127.0.0.1:8000/a", "http://127.0.0.1:8000/b", True),
        ("http://127.0.0.1:8000/a", "http://127.0.0.1:8001/a", False),
        ("http://127.0.0.1/", "http://127.0.0.1:80/", True),
        ("http://127.0.0.1/", "http://1.0.0.1/", False),
        ("http://[::1]:80/", "http://[::1]/", True),
        ("http://localhost/", "http://localhost:80/x", True),
        ("http://localhost/", "http://localhost:8080/", False),
        ("http://a.intranet/", "http://a.intranet/x", True),
        ("http://a.intranet/", "http://b.intranet/", False),
        ("http://example.com.evil.test/", "http://example.com/", False),
        ("http://evil.test\\@example.com/", "http://example.com/", False),
        ("ftp://example.com/", "ftp://example.com/", False),
        ("http://", "http://", False),
        ("http://[/", "http://[/", False),
        ("http://a:x/", "http://a:x/", False),
        ("", "", False),
    ],
)
def test_same_site(a: str, b: str, same: bool) -> None:
    assert same_site(a, b) is same
    assert same_site(b, a) is same
