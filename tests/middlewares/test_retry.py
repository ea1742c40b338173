"""Which answers and exceptions are failures that may pass?"""

from __future__ import annotations

import zlib
from typing import Any

import pytest
from scrapy import Request
from scrapy.exceptions import (
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    NotConfigured,
)
from scrapy.http import HtmlResponse, Response
from scrapy.statscollectors import MemoryStatsCollector
from scrapy.utils.misc import build_from_crawler
from scrapy.utils.spider import DefaultSpider
from scrapy.utils.test import get_crawler

from imagecrawl.errors import AttemptFailed, ConfigError
from imagecrawl.middlewares.retry import BackoffRetryMiddleware
from imagecrawl.middlewares.slot import HostSlotMiddleware
from tests.frontier.support import numbers

URL = "http://h/a"
PAGE = b"<html><body>" + b"x" * 5_000
WHOLE = PAGE + b"</body></HTML>\n"


def build(**settings: Any) -> BackoffRetryMiddleware:
    few = {"RETRY_TIMES": 3, "IMAGECRAWL_DOUBTFUL_RETRY_TIMES": 1, "RETRY_HTTP_CODES": [429, 503]}
    crawler = get_crawler(settings_dict=numbers(**{**few, **settings}))
    crawler.spider = DefaultSpider.from_crawler(crawler)
    crawler.stats = MemoryStatsCollector(crawler)
    return build_from_crawler(BackoffRetryMiddleware, crawler)


def leased(**meta: Any) -> Request:
    return Request(URL, meta={"frontier_entry": 1, "retry_times": 0, **meta})


def response(request: Request, status: int = 200, cls: type = Response, **kwargs: Any) -> Response:
    return cls(URL, status=status, request=request, **kwargs)


def answered(request: Request, status: int, **settings: Any) -> str | None:
    """The reason that an answer with *status* is handed on with, if any."""
    middleware = build(**settings)
    answer = response(request, status)
    try:
        assert middleware.process_response(request, answer) is answer
    except AttemptFailed as failed:
        return failed.reason
    return None


@pytest.mark.parametrize(
    ("status", "meta", "reason"),
    [
        (503, {}, "http_503"),
        (429, {}, "http_429"),
        (200, {}, None),
        (404, {}, None),
        (500, {}, None),  # not in RETRY_HTTP_CODES
        (503, {"retry_times": 2}, "http_503"),
        (503, {"retry_times": 3}, None),  # the last attempt: the spider may want the answer
        (503, {"dont_retry": True}, None),
        (503, {"max_retry_times": 0}, None),
        (503, {"max_retry_times": 5, "retry_times": 4}, "http_503"),
        (503, {"max_retry_times": None}, "http_503"),  # as Scrapy takes it: not given
    ],
)
def test_statuses(status, meta, reason):
    assert answered(leased(**meta), status) == reason


def test_retries_that_are_switched_off():
    assert answered(leased(), 503, RETRY_TIMES=0) is None
    with pytest.raises(NotConfigured):
        build(RETRY_ENABLED=False)


def test_a_bad_setting_stops_the_start():
    with pytest.raises(ConfigError, match="IMAGECRAWL_BACKOFF_BASE_SECS"):
        build(IMAGECRAWL_BACKOFF_BASE_SECS="x")


@pytest.mark.parametrize(
    ("body", "cls", "flags", "meta", "cut"),
    [
        (PAGE, HtmlResponse, ["partial"], {}, True),
        (WHOLE, HtmlResponse, ["partial"], {}, False),
        (PAGE, HtmlResponse, [], {}, False),  # it came with its length
        (PAGE, Response, ["partial"], {}, False),  # an image's own structure tells
        (b"", HtmlResponse, ["partial"], {}, True),
        (PAGE, HtmlResponse, ["partial"], {"retry_times": 1}, False),  # some pages have no end
        (PAGE, HtmlResponse, ["partial"], {"dont_retry": True}, False),
    ],
)
def test_pages_that_were_cut(body, cls, flags, meta, cut):
    request = leased(**meta)
    answer = response(request, cls=cls, body=body, flags=flags)
    if not cut:
        assert build().process_response(request, answer) is answer
        return
    with pytest.raises(AttemptFailed) as caught:
        build().process_response(request, answer)
    assert caught.value.reason == "truncated"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ConnectionResetError(104, "x"), "reset"),
        (DownloadTimeoutError("x"), "timeout"),
        (DownloadFailedError("x"), "connection"),
        (zlib.error("x"), "encoding"),
    ],
)
def test_exceptions_that_may_pass(error, reason):
    with pytest.raises(AttemptFailed) as caught:
        build().process_exception(leased(), error)
    assert caught.value.reason == reason
    assert caught.value.__cause__ is error


@pytest.mark.parametrize(
    ("error", "meta"),
    [
        (IgnoreRequest("Forbidden by robots.txt"), {}),
        (AttemptFailed("http_503"), {}),
        (ValueError("a bug"), {}),
        (ConnectionResetError(), {"retry_times": 3}),
        (ConnectionResetError(), {"dont_retry": True}),
    ],
)
def test_exceptions_that_are_left_to_the_errback(error, meta):
    assert build().process_exception(leased(**meta), error) is None


def test_a_request_outside_the_frontier_is_retried_at_once():
    request = Request("http://h/robots.txt")
    middleware = build()
    again = middleware.process_response(request, response(request, 503))
    assert isinstance(again, Request)
    assert again.meta["retry_times"] == 1
    again = middleware.process_exception(request, DownloadTimeoutError("x"))
    assert isinstance(again, Request)
    answer = response(request, 404)
    assert middleware.process_response(request, answer) is answer


@pytest.mark.parametrize(
    ("meta", "slot"),
    [
        ({}, "cdn:81"),  # a robots.txt
        ({"download_slot": "first"}, "first"),
        ({"download_slot": "first", "redirect_times": 1}, "cdn:81"),
        ({"redirect_times": 2}, "cdn:81"),
    ],
)
def test_a_request_goes_to_the_slot_of_its_host(meta, slot):
    request = Request("http://cdn:81/x", meta=meta)
    HostSlotMiddleware().process_request(request)
    assert request.meta.get("download_slot") == slot
