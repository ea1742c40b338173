"""What becomes of the familiar ``{"image_urls": [...]}`` item?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import scrapy
from scrapy import Request
from scrapy.http import Response

from imagecrawl.items import ImageItem
from imagecrawl.requests import image_callback
from imagecrawl.spidermiddlewares.images import ImageRequestsMiddleware

PAGE = "http://shop/cats/"


class Classic(scrapy.Item):
    name = scrapy.Field()
    image_urls = scrapy.Field()
    images = scrapy.Field()


@dataclass
class Data:
    name: str
    image_urls: list[str] = field(default_factory=list)


async def stream(*things: Any) -> AsyncIterator[Any]:
    for thing in things:
        yield thing


def output(*things: Any) -> list[Any]:
    async def collect() -> list[Any]:
        made = ImageRequestsMiddleware().process_spider_output(Response(PAGE), stream(*things))
        return [one async for one in made]

    return asyncio.run(collect())


def started(*things: Any) -> list[Any]:
    async def collect() -> list[Any]:
        return [one async for one in ImageRequestsMiddleware().process_start(stream(*things))]

    return asyncio.run(collect())


URLS = ["http://cdn/1.jpg", "2.jpg", "/3.jpg", "//cdn/4.jpg"]
ABSOLUTE = [URLS[0], f"{PAGE}2.jpg", "http://shop/3.jpg", "http://cdn/4.jpg"]


@pytest.mark.parametrize(
    "item",
    [
        {"name": "x", "image_urls": URLS},
        {"name": "x", "image_urls": tuple(URLS), "images": []},
        {"name": "x", "image_urls": iter(URLS)},
        Classic(name="x", image_urls=URLS),
        Data("x", URLS),
    ],
    ids=["dict", "tuple", "iterator", "Item", "dataclass"],
)
def test_an_item_becomes_a_request_for_each_of_its_images(item):
    requests = output(item)
    assert [request.url for request in requests] == ABSOLUTE
    for request in requests:
        assert request.callback is image_callback
        assert request.meta["imagecrawl_image"] == {"page_url": PAGE, "fields": {"name": "x"}}


def test_one_url_alone():
    (request,) = output({"image_urls": " http://cdn/1.jpg\n"})
    assert request.url == "http://cdn/1.jpg"


@pytest.mark.parametrize(
    "thing",
    [
        None,
        Request(PAGE),
        {"name": "x"},
        {"name": "x", "image_urls": []},
        {"name": "x", "image_urls": None},
        Classic(name="x"),
        Data("x"),
        ImageItem("http://cdn/1.jpg", b"body"),
    ],
    ids=["None", "Request", "dict", "empty", "null", "Item", "dataclass", "ImageItem"],
)
def test_anything_else_passes_on_as_it_is(thing):
    (passed,) = output(thing)
    assert passed is thing


@pytest.mark.parametrize(
    "url", ["data:image/png;base64,xx", "ftp://h/a.jpg", "http://[::1", "javascript:x"]
)
def test_what_is_no_url_is_named_and_the_others_are_fetched(url, caplog):
    requests = output({"image_urls": ["http://cdn/1.jpg", url, "http://cdn/2.jpg"]})
    assert [request.url for request in requests] == ["http://cdn/1.jpg", "http://cdn/2.jpg"]
    assert repr(url) in caplog.text
    assert PAGE in caplog.text


@pytest.mark.parametrize("url", ["", "  ", None])
def test_an_image_without_a_url_is_not_the_page_itself(url):
    """``img.attrib.get("src", "")`` gives such ones."""
    assert [one.url for one in output({"image_urls": ["http://cdn/1.jpg", url]})] == [
        "http://cdn/1.jpg"
    ]


def test_start_may_yield_items_too(caplog):
    (request,) = started({"image_urls": ["http://cdn/1.jpg", "2.jpg"], "name": "x"})
    assert request.url == "http://cdn/1.jpg"
    assert request.meta["imagecrawl_image"] == {"fields": {"name": "x"}}
    assert "'2.jpg'" in caplog.text
    page = Request(PAGE)
    assert started(page) == [page]
