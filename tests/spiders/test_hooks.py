"""In which ways may a spider write its hooks?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse, TextResponse
from scrapy.linkextractors import LinkExtractor
from scrapy.utils.asyncgen import as_async_generator

from imagecrawl.discovery.candidates import ImageCandidate
from imagecrawl.discovery.images import ImageExtractor
from imagecrawl.spiders.base import ImageSpider
from imagecrawl.testing import parse_saved

URL = "http://h/page"
HTML = b"<img src=/a.jpg><img src=/b.jpg><a href=/2>2</a><a href=/3>3</a>"


async def _in_time(value: Any) -> Any:
    return value


async def _one_by_one(values: Any) -> AsyncIterator[Any]:
    for value in values:
        yield value


def _spider(**hooks: Any) -> type[ImageSpider]:
    return type("MySpider", (ImageSpider,), {"name": "my", **hooks})


@pytest.fixture
def page(tmp_path: Path) -> Path:
    file = tmp_path / "page.html"
    file.write_bytes(HTML)
    return file


async def candidates_coroutine(self: Any, response: TextResponse) -> Any:
    return await _in_time(self.extractor.extract(response))


async def candidates_generator(self: Any, response: TextResponse) -> AsyncIterator[Any]:
    async for one in _one_by_one(self.extractor.extract(response)):
        yield one


def candidates_lazily(self: Any, response: TextResponse) -> Iterator[Any]:
    yield from self.extractor.extract(response)


def candidate_alone(self: Any, response: TextResponse) -> ImageCandidate:
    return ImageCandidate("http://h/a.jpg", source="own")


@pytest.mark.parametrize(
    ("hook", "names"),
    [
        *((candidates_coroutine, "ab"), (candidates_generator, "ab"), (candidates_lazily, "ab")),
        *((candidate_alone, "a"), (lambda self, response: None, "")),
    ],
    ids=["coroutine", "async-generator", "generator", "one", "none"],
)
def test_image_candidates(page: Path, hook: Any, names: str) -> None:
    found = parse_saved(_spider(image_candidates=hook), page, URL)
    assert found.images == [f"http://h/{name}.jpg" for name in names]


async def pages_coroutine(self: Any, response: TextResponse) -> Any:
    return await _in_time(["/2", None])


async def pages_generator(self: Any, response: TextResponse) -> AsyncIterator[Any]:
    yield "/2"


@pytest.mark.parametrize(
    ("hook", "paths"),
    [
        *((pages_coroutine, ["2"]), (pages_generator, ["2"])),
        (lambda self, response: "/2", ["2"]),
        (lambda self, response: response.css("a::attr(href)"), ["2", "3"]),
        (lambda self, response: response.css("a"), ["2", "3"]),
        (lambda self, response: LinkExtractor().extract_links(response), ["2", "3"]),
        (lambda self, response: [response.css(".next::attr(href)").get()], []),
        (lambda self, response: None, []),
    ],
    ids=["coroutine", "async-generator", "one", "selectors", "anchors", "links", "get", "none"],
)
def test_next_pages(page: Path, hook: Any, paths: list[str]) -> None:
    found = parse_saved(_spider(next_pages=hook), page, URL)
    assert found.pages == [f"http://h/{path}" for path in paths]
    assert len(found.images) == 2


async def described_coroutine(self: Any, candidate: Any, response: TextResponse) -> Any:
    return await _in_time({"genre": "x"})


def no_words(self: Any, candidate: Any, response: TextResponse) -> None:
    return None


@pytest.mark.parametrize(
    ("hook", "fields"), [(described_coroutine, {"genre": "x"}), (no_words, None)]
)
def test_describe(hook: Any, fields: Any) -> None:
    spider = _spider(describe=hook, extractor=ImageExtractor())()
    output: Any = spider.parse(HtmlResponse(URL, body=HTML, request=Request(URL)))

    async def collected() -> list[Any]:
        return [one async for one in as_async_generator(output)]

    requests = asyncio.run(collected())
    assert [one.meta["imagecrawl_image"].get("fields") for one in requests] == [fields] * 2


@pytest.mark.parametrize(
    ("hook", "value", "message"),
    [
        ("image_candidates", ["/a.jpg"], "gave '/a.jpg', of the type str: expected is ImageCand"),
        ("image_candidates", 7, "gave 7, of the type int"),
        ("next_pages", [Request(URL)], "of the type Request: expected is str, one or many, or N"),
        ("next_pages", b"/2", "of the type bytes"),
        ("describe", "x", "gave 'x', of the type str: expected is dict, or None"),
    ],
)
def test_a_wrong_type_is_named_with_its_hook(
    page: Path, hook: str, value: Any, message: str
) -> None:
    async def in_time(*_: Any) -> Any:
        return value

    for way in (lambda *_: value, in_time):
        with pytest.raises(TypeError, match=rf"^MySpider\.{hook}\(\) gave") as caught:
            parse_saved(_spider(**{hook: way}), page, URL)
        assert message in str(caught.value)
