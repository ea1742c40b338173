"""Is the ``dont_filter`` that counts the Request's own, and is the lease left as it was?"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Request, Spider
from scrapy.exceptions import IgnoreRequest

from imagecrawl.meta import ENTRY_KEY, OWN_FILTER_KEY
from imagecrawl.middlewares.offsite import LeasedOffsiteMiddleware
from imagecrawl.requests import image_request

HERE, AWAY = "http://www.here.example/1", "http://away.example/1"


def middleware(*domains: str) -> LeasedOffsiteMiddleware:
    spider = Spider("s")
    if domains:
        spider.allowed_domains = list(domains)  # type: ignore[attr-defined]
    made = LeasedOffsiteMiddleware(SimpleNamespace(inc_value=lambda name: None))  # type: ignore[arg-type]
    made.crawler = SimpleNamespace(spider=spider)  # type: ignore[assignment]
    return made


def leased(request: Request, *, own: bool = False) -> Request:
    request.meta.update({ENTRY_KEY: 1, OWN_FILTER_KEY: own})
    request.dont_filter = True
    return request


def passes(made: LeasedOffsiteMiddleware, request: Request) -> bool:
    before = request.dont_filter, dict(request.meta)
    try:
        made.process_request(request)
    except IgnoreRequest:
        return False
    finally:
        assert (request.dont_filter, request.meta) == before
    return True


@pytest.mark.parametrize(
    ("request_", "passed"),
    [
        (leased(Request(HERE)), True),
        (leased(Request(AWAY)), False),
        (leased(Request(AWAY), own=True), True),
        (leased(Request(AWAY, meta={"allow_offsite": True})), True),
        (leased(image_request(AWAY)), True),
        (Request(AWAY, dont_filter=True), True),  # not ours: as in any crawl
        (Request(AWAY), False),
    ],
)
def test_what_passes_where_domains_are_named(
    request_: Request, passed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Request, "__init__", lambda *_, **__: pytest.fail("a Request is made"))
    assert passes(middleware("here.example"), request_) is passed
    assert passes(middleware(), request_)


def test_a_policy_of_the_users_own_sees_what_scrapy_would_show(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Any] = []

    def should_follow(self: object, request: Request, spider: Spider) -> bool:
        seen.append((request.url, request.dont_filter))
        raise ZeroDivisionError

    monkeypatch.setattr(LeasedOffsiteMiddleware, "should_follow", should_follow)
    request = leased(Request(AWAY))
    with pytest.raises(ZeroDivisionError):
        middleware("here.example").process_request(request)
    assert seen == [(AWAY, False)]
    assert request.dont_filter
