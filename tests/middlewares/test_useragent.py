from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from scrapy.downloadermiddlewares.defaultheaders import DefaultHeadersMiddleware
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.http import Request, Response
from scrapy.spidermiddlewares.referer import RefererMiddleware
from scrapy.statscollectors import MemoryStatsCollector
from scrapy.utils.misc import build_from_crawler
from scrapy.utils.spider import DefaultSpider
from scrapy.utils.test import get_crawler
from scrapy_fake_useragent.providers import BaseProvider

import imagecrawl
from imagecrawl.errors import ConfigError
from imagecrawl.middlewares.browser_provider import BrowserProvider, bundled_browsers
from imagecrawl.middlewares.useragent import RotatingUserAgentMiddleware
from imagecrawl.policies.identities import GENERIC_HEADERS

PROVIDER = "imagecrawl.middlewares.browser_provider.BrowserProvider"
FIXED = "scrapy_fake_useragent.providers.FixedUserAgentProvider"
SETTINGS = {"FAKEUSERAGENT_PROVIDERS": [PROVIDER], "FAKEUSERAGENT_FALLBACK": "Mozilla/5.0"}
BY_USER_AGENT = {browser.user_agent: browser for browser in bundled_browsers()}
PAGE = "https://shop.example/cats?p=2"


class BrokenProvider(BaseProvider):
    def __init__(self, settings: Any) -> None:
        raise RuntimeError("no\ndata")


class LateProvider(BaseProvider):
    def get_random_ua(self) -> str:
        raise LookupError("the list is gone")


class EmptyProvider(BaseProvider):
    def get_random_ua(self) -> str:
        return " "


class NoneProvider(BaseProvider):
    def get_random_ua(self) -> None:
        return None


def build(**settings: Any) -> RotatingUserAgentMiddleware:
    crawler = get_crawler(settings_dict={**SETTINGS, **settings})
    return build_from_crawler(RotatingUserAgentMiddleware, crawler)


def image_request(url: str = "https://cdn.example/1.jpg", **kwargs: Any) -> Request:
    return Request(url, meta={"imagecrawl_image": {"page_url": PAGE}}, **kwargs)


def header(request: Request, name: str) -> str | None:
    value = request.headers.get(name)
    return None if value is None else value.decode()


def redirected(request: Request, url: str) -> Request:
    """What Scrapy makes of a redirect, RefererMiddleware included."""
    crawler = get_crawler(settings_dict=SETTINGS)
    crawler.spider = DefaultSpider.from_crawler(crawler)
    redirect = build_from_crawler(RedirectMiddleware, crawler)
    redirect._referer_spider_middleware = build_from_crawler(RefererMiddleware, crawler)
    response = Response(request.url, status=302, headers={"Location": url}, request=request)
    result = redirect.process_response(request, response)
    assert isinstance(result, Request)
    return result


@pytest.mark.parametrize("kind", ["image", "document"])
def test_the_headers_are_those_of_the_browser(kind):
    middleware = build()
    families = set()
    for _ in range(300):
        request = image_request() if kind == "image" else Request(PAGE)
        middleware.process_request(request)
        browser = BY_USER_AGENT[header(request, "User-Agent") or ""]
        assert header(request, "Accept") == browser.headers[kind]["Accept"]
        assert header(request, "Accept-Language") == browser.headers[kind]["Accept-Language"]
        assert set(request.headers) == {b"User-Agent", b"Accept", b"Accept-Language"}
        families.add(browser.family)
    assert {"chrome", "edge", "safari", "firefox"} == families


def test_an_image_is_what_has_image_meta_even_when_it_is_empty():
    middleware = build(FAKEUSERAGENT_PROVIDERS=[FIXED], USER_AGENT="bot/1")
    for meta, kind in (
        ({"imagecrawl_image": {}}, "image"),
        ({"imagecrawl_image": None}, "document"),
        ({"image": "x.jpg"}, "document"),
        ({}, "document"),
    ):
        request = Request(PAGE, meta=meta)
        middleware.process_request(request)
        assert header(request, "Accept") == GENERIC_HEADERS[kind]["Accept"]


def test_the_user_agent_rotates():
    middleware = build()
    requests = [Request(PAGE) for _ in range(200)]
    for request in requests:
        middleware.process_request(request)
    assert len({header(request, "User-Agent") for request in requests}) > 5


def test_a_proxy_keeps_its_browser_when_asked_to():
    middleware = build(RANDOM_UA_PER_PROXY=True)
    requests = [Request(PAGE, meta={"proxy": "http://p1:1"}) for _ in range(50)]
    for request in requests:
        middleware.process_request(request)
    assert len({header(request, "User-Agent") for request in requests}) == 1


def test_explicit_headers_are_kept():
    explicit = {"User-Agent": "bot/1", "Accept": "a/b", "Accept-Language": "fr"}
    request = image_request(headers=explicit)
    build().process_request(request)
    assert {name: header(request, name) for name in explicit} == explicit


def test_an_explicit_browser_of_the_pool_gets_the_headers_of_its_family():
    safari = next(one for one in bundled_browsers() if one.family == "safari")
    request = image_request(headers={"User-Agent": safari.user_agent})
    build().process_request(request)
    assert header(request, "Accept") == safari.headers["image"]["Accept"]


@pytest.mark.parametrize("user_agent", ["bot/1", b"caf\xe9", "", None])
def test_another_user_agent_gets_generic_headers(user_agent):
    request = image_request(headers={"User-Agent": user_agent})
    build().process_request(request)
    assert header(request, "Accept") == GENERIC_HEADERS["image"]["Accept"]


def test_another_provider_gets_generic_headers():
    request = Request(PAGE)
    build(FAKEUSERAGENT_PROVIDERS=[FIXED], USER_AGENT="bot/1").process_request(request)
    assert header(request, "User-Agent") == "bot/1"
    assert header(request, "Accept") == GENERIC_HEADERS["document"]["Accept"]


def test_scrapys_default_headers_come_second():
    request = image_request()
    build().process_request(request)
    before = request.headers.to_unicode_dict()
    build_from_crawler(DefaultHeadersMiddleware, get_crawler()).process_request(request)
    assert dict(request.headers.to_unicode_dict()) == dict(before)


def test_a_retry_is_the_same_browser():
    middleware, request = build(), image_request()
    middleware.process_request(request)
    crawler = get_crawler()
    spider = crawler.spider = DefaultSpider.from_crawler(crawler)
    crawler.stats = MemoryStatsCollector(crawler)
    again = get_retry_request(request, spider=spider)
    assert again is not None
    for _ in range(20):
        middleware.process_request(again)
        assert again.headers == request.headers


def test_a_redirect_is_the_same_browser_on_the_same_page():
    middleware, request = build(), image_request(headers={"Referer": PAGE})
    middleware.process_request(request)
    before = request.headers.copy()
    for number in range(3):
        request = redirected(request, f"https://other.example/{number}.jpg")
        assert header(request, "Referer") != PAGE  # Scrapy's own idea
        middleware.process_request(request)
        assert request.headers == before


@pytest.mark.parametrize(
    ("page_url", "target", "referer"),
    [
        ("https://u:p@shop.example/cats#top", "https://c.example/", "https://shop.example/cats"),
        ("https://shop.example/cats", "http://c.example/", None),
        ("http://shop.example/cats", "http://c.example/", "http://shop.example/cats"),
        ("http://shop.example/cats", "https://c.example/", "http://shop.example/cats"),
        ("https://shop.example/é\n", "https://c.example/", "https://shop.example/%C3%A9"),
        ("data:text/html,x", "https://c.example/", None),
        ("http://[not-an-address", "https://c.example/", None),
    ],
)
def test_the_referer_of_a_redirected_image(page_url, target, referer):
    request = Request(
        "https://cdn.example/1.jpg", meta={"imagecrawl_image": {"page_url": page_url}}
    )
    request = redirected(request, target)
    build().process_request(request)
    assert header(request, "Referer") == referer


def test_the_referer_of_anything_else_is_left_alone():
    middleware = build()
    straight = image_request(headers={"Referer": "https://own.example/"})
    middleware.process_request(straight)
    assert header(straight, "Referer") == "https://own.example/"
    for meta in (
        {},
        {"imagecrawl_image": None},
        {"imagecrawl_image": {}},
        {"imagecrawl_image": {"page_url": None}},
    ):
        request = redirected(Request("https://cdn.example/1", meta=meta), "https://c.example/2")
        before = header(request, "Referer")
        assert before is not None
        middleware.process_request(request)
        assert header(request, "Referer") == before


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (f"{__name__}.BrokenProvider", "RuntimeError: no data"),
        (f"{__name__}.LateProvider", "LookupError: the list is gone"),
        (f"{__name__}.EmptyProvider", "for a User-Agent"),
        (f"{__name__}.NoneProvider", "for a User-Agent"),
        (f"{__name__}.NoSuchProvider", "NameError"),
        ("imagecrawl.no_such_module.Provider", "ModuleNotFoundError"),
        ("nonsense", "ValueError"),
    ],
)
def test_a_provider_that_does_not_work_stops_the_start(path, reason):
    with pytest.raises(ConfigError) as caught:
        build(FAKEUSERAGENT_PROVIDERS=[path, PROVIDER])  # a working second one is no excuse
    message = str(caught.value)
    assert "FAKEUSERAGENT_PROVIDERS" in message
    assert path in message
    assert reason in message
    assert "\n" not in message


def test_the_packages_default_provider_without_a_fallback_stops_the_start():
    with pytest.raises(ConfigError, match="FakeUserAgentProvider"):
        build(FAKEUSERAGENT_PROVIDERS=None, FAKEUSERAGENT_FALLBACK=None)


def test_the_fixed_provider_without_a_user_agent_stops_the_start():
    with pytest.raises(ConfigError, match="FixedUserAgentProvider"):
        build(FAKEUSERAGENT_PROVIDERS=[FIXED], USER_AGENT="")


@pytest.mark.parametrize("providers", [PROVIDER, f"{PROVIDER},{FIXED}", [BrowserProvider, FIXED]])
def test_providers_as_the_command_line_or_code_give_them(providers):
    middleware = build(FAKEUSERAGENT_PROVIDERS=providers)
    assert type(middleware._ua_provider) is BrowserProvider


def test_the_provider_is_one_of_the_package_and_gives_browsers_of_the_pool():
    provider = BrowserProvider(get_crawler().settings)
    assert isinstance(provider, BaseProvider)
    assert {provider.get_random_ua() for _ in range(300)} <= set(BY_USER_AGENT)


def test_the_pool_is_read_from_an_egg(tmp_path):
    root = Path(imagecrawl.__file__).parent
    egg = tmp_path / "imagecrawl.egg"
    with zipfile.ZipFile(egg, "w") as archive:
        for path in sorted([*root.rglob("*.py"), *root.rglob("*.json")]):
            archive.write(path, path.relative_to(root.parent))
    code = (
        "from imagecrawl.middlewares import browser_provider as b;"
        "print(b.__file__, len(b.bundled_browsers()))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, "PYTHONPATH": str(egg)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert str(egg) in done.stdout
    assert int(done.stdout.split()[-1]) == len(bundled_browsers())
