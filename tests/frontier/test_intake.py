"""How does a Request become an entry, and an entry a Request?"""

from __future__ import annotations

from typing import Any

import pytest
from scrapy import Request, Spider
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.http import HtmlResponse, Response
from scrapy.utils.misc import build_from_crawler
from scrapy.utils.request import fingerprint
from scrapy.utils.test import get_crawler
from w3lib.http import basic_auth_header

from imagecrawl.frontier.codec import RequestCodec
from imagecrawl.frontier.entry import Entry
from imagecrawl.frontier.intake import Intake, host_of
from imagecrawl.middlewares.slot import HostSlotMiddleware
from imagecrawl.outcomes import Kind
from imagecrawl.requests import NAMED_CALLBACKS, image_request


class Shop(Spider):
    name = "shop"

    def parse(self, response: Any) -> None: ...


INTAKE = Intake(RequestCodec(Shop(), NAMED_CALLBACKS), fingerprint)


def parent(url: str = "http://shop/cats") -> Entry:
    made = INTAKE.entry(Request(url))
    made.id = 1
    return made


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://example.com/a", "example.com"),
        ("http://EXAMPLE.com:80/a", "example.com"),
        ("https://example.com:443/", "example.com"),
        ("http://example.com:443/", "example.com:443"),
        ("https://example.com:80/", "example.com:80"),
        ("http://example.com:8080/", "example.com:8080"),
        ("http://user:pw@example.com/", "example.com"),
        ("http://user:pw@example.com:81/", "example.com:81"),
        ("data:,x", ""),
    ],
)
def test_the_host_of_a_request(url, host):
    assert host_of(Request(url)) == host


def test_the_host_of_an_ipv6_address():
    assert "::1" in host_of(Request("http://[::1]/"))
    hosts = {host_of(Request(f"http://{netloc}/")) for netloc in ("[::1]", "[::1]:8080", "[::2]")}
    assert len(hosts) == 3
    # An address that ends in 8080 is another server than port 8080 of the shorter one.
    assert host_of(Request("http://[::1:8080]/")) != host_of(Request("http://[::1]:8080/"))


def test_kinds():
    assert INTAKE.entry(Request("http://h/")).kind is Kind.PAGE
    assert INTAKE.entry(image_request("http://h/a.jpg")).kind is Kind.IMAGE
    assert INTAKE.entry(Request("http://h/", meta={"imagecrawl_image": {}})).kind is Kind.IMAGE
    assert INTAKE.entry(Request("http://h/", meta={"imagecrawl_image": None})).kind is Kind.PAGE


def test_start_requests_go_by_fingerprint():
    plain, start = Request("http://h/?b=1&a=2"), Request("http://h/?a=2&b=1", dont_filter=True)
    assert INTAKE.entry(plain).fingerprint == INTAKE.entry(start).fingerprint
    assert INTAKE.entry(start, None, 5).fingerprint == INTAKE.entry(start).fingerprint


def test_a_child_with_dont_filter_goes_by_its_place():
    child = Request("http://h/", dont_filter=True)
    first = INTAKE.entry(child, parent(), 0).fingerprint
    assert INTAKE.entry(child, parent(), 0).fingerprint == first  # after a crash
    others = [
        INTAKE.entry(child, parent(), 1),
        INTAKE.entry(child, parent("http://shop/dogs"), 0),
        INTAKE.entry(child),
        INTAKE.entry(child.replace(url="http://h/2"), parent(), 0),
    ]
    assert first not in {other.fingerprint for other in others}


def test_any_other_child_goes_by_fingerprint():
    child = Request("http://h/")
    assert INTAKE.entry(child, parent(), 3).fingerprint == INTAKE.entry(child).fingerprint


def test_an_alternative_that_is_no_url_is_passed_over():
    odd = ["http://h:99999/", "http://[::1", "http://h/b.jpg", "http://h/c.jpg"]
    entry = INTAKE.next_size(INTAKE.entry(image_request("http://h/a.jpg", alternatives=odd)))
    assert entry is not None
    assert entry.url == "http://h/b.jpg"
    image = INTAKE.request(entry).meta["imagecrawl_image"]
    assert image["alternatives"] == ["http://h/c.jpg"]
    none = image_request("http://h/a.jpg", alternatives=odd[:2])
    assert INTAKE.next_size(INTAKE.entry(none)) is None


def test_the_credentials_of_an_image_may_be_in_any_script():
    request = image_request("http://%E2%82%AC:p%40w@h/a.jpg")
    assert request.url == "http://h/a.jpg"
    assert request.headers["Authorization"] == basic_auth_header("€", "p@w", "utf-8")
    assert INTAKE.request(INTAKE.entry(request)).headers == request.headers


def test_a_request_is_leased_with_what_the_crawl_needs():
    entry = INTAKE.entry(image_request("http://h:81/a.jpg", alt="x"))
    entry.id, entry.attempts = 7, 2
    request = INTAKE.request(entry)
    assert request.dont_filter
    assert request.meta["frontier_entry"] == 7
    assert request.meta["retry_times"] == 2
    assert request.meta["download_slot"] == "h:81"
    assert request.meta["imagecrawl_image"] == {"alt": "x"}
    assert request.priority == entry.priority > 0


def test_a_slot_of_the_spiders_own_is_kept():
    request = Request("http://h/", meta={"download_slot": "pool"})
    entry = INTAKE.entry(request)
    assert entry.host == "pool"
    assert INTAKE.request(entry).meta["download_slot"] == "pool"
    assert INTAKE.entry(request, parent()).host == "pool"


def test_a_slot_copied_with_the_meta_of_the_page_is_dropped():
    page = INTAKE.request(parent())
    child = Request("http://cdn/a.jpg", meta=page.meta)
    entry = INTAKE.entry(child, parent())
    assert entry.host == "cdn"
    assert INTAKE.request(entry).meta["download_slot"] == "cdn"
    assert "download_slot" in page.meta  # what the spider holds is left alone


def test_a_slot_copied_with_the_meta_of_a_redirected_page_is_dropped():
    crawler = get_crawler()
    crawler.spider = Shop()
    redirect = build_from_crawler(RedirectMiddleware, crawler)
    leased = INTAKE.request(parent())
    moved = Response(leased.url, status=302, headers={"Location": "http://www.shop/cats"})
    request = redirect.process_response(leased, moved)
    assert isinstance(request, Request)
    HostSlotMiddleware().process_request(request)
    page = HtmlResponse(request.url, request=request)
    child = Request("http://cdn/a.jpg", meta=page.meta)
    assert INTAKE.entry(child, parent()).host == "cdn"
