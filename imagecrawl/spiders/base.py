"""The base of spiders that bring images home."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Iterable, Iterator
from functools import cached_property
from typing import Any, cast

from scrapy import Request, Spider
from scrapy.http import Response, TextResponse

from imagecrawl.discovery.candidates import ImageCandidate
from imagecrawl.discovery.directives import header_directives, page_directives
from imagecrawl.discovery.images import ImageExtractor
from imagecrawl.discovery.sheets import images_of_css, sheets_of_css, style_sheets
from imagecrawl.images.inspect import BadImage, Decode, inspect_image
from imagecrawl.requests import image_item, image_request
from imagecrawl.spiders.hooks import awaited, described, is_async, returned

SHEET_PRIORITY = 5
"""Below images, above pages: style sheets and sitemaps."""


class ImageSpider(Spider):
    """Takes the images of each page, and follows its next pages.

    Override a hook to change one thing: :meth:`image_candidates`, :meth:`next_pages`,
    :meth:`describe`, as a method, a generator or an ``async def``. Nothing else is needed: the
    settings of the project see to retries, the durable frontier and the store.
    """

    variants = "best"
    """Which sizes of a picture are fetched: ``best``, and the next where that is not to be had,
    or ``all``."""
    read_css = False
    """Whether the style sheets that pages link are read, too: one more request each."""

    page_callbacks: tuple[str, ...] = ("parse",)
    """The methods whose requests have failed where no page comes, as with 204 or an empty 200."""

    @cached_property
    def extractor(self) -> ImageExtractor:
        """What finds the images of a page; a class attribute takes its place."""
        return ImageExtractor(data_urls=self.settings.getbool("IMAGECRAWL_DATA_IMAGES"))

    async def start(self) -> AsyncIterator[Any]:
        for url in self.start_urls:
            # As wget does: what the user names is fetched; what is found there asks robots.txt.
            yield Request(url, meta={"dont_obey_robotstxt": True}, dont_filter=True)

    def parse(self, response: Response, **_: Any) -> Iterator[Any]:
        """Yield an image Request for each candidate, and a Request for each next page.

        An asynchronous iterator, but only where a hook is an ``async def``.
        """
        if not isinstance(response, TextResponse) or _is_image(response.body):
            # The page is an image itself, or nothing that could have any.
            return iter((image_item(response),))
        if any(map(is_async, (self.image_candidates, self.describe, self.next_pages))):
            return cast("Iterator[Any]", self._parse_page_async(response))
        return self._parse_page(response)

    def _parse_page(self, response: TextResponse) -> Iterator[Any]:
        robots = page_directives(response)
        for candidate in returned(self, "image_candidates", self.image_candidates(response)):
            fields = described(self, self.describe(candidate, response))
            yield from self._requests(candidate, response, robots, fields)
        yield from self._sheets(response)
        for page in returned(self, "next_pages", self.next_pages(response)):
            yield response.follow(page, callback=self.parse)

    async def _parse_page_async(self, response: TextResponse) -> AsyncIterator[Any]:
        """Do the same where a hook is an ``async def``."""
        robots = page_directives(response)
        async for candidate in awaited(self, "image_candidates", self.image_candidates(response)):
            told: Any = self.describe(candidate, response)
            told = await told if inspect.isawaitable(told) else told
            fields = described(self, told)
            for request in self._requests(candidate, response, robots, fields):
                yield request
        for request in self._sheets(response):
            yield request
        async for page in awaited(self, "next_pages", self.next_pages(response)):
            yield response.follow(page, callback=self.parse)

    def _sheets(self, response: TextResponse) -> Iterator[Request]:
        for url in style_sheets(response) if self.read_css else ():
            yield response.follow(url, callback=self.parse_css, priority=SHEET_PRIORITY)

    def parse_css(self, response: Response, **_: Any) -> Iterator[Any]:
        """Yield an image Request for each image of a style sheet, and its imports."""
        if not isinstance(response, TextResponse):
            return
        for candidate in images_of_css(response.text, response.url):
            yield from self._requests(candidate, response, header_directives(response), {})
        for url in sheets_of_css(response.text, response.url):
            yield response.follow(url, callback=self.parse_css, priority=SHEET_PRIORITY)

    def _requests(
        self,
        candidate: ImageCandidate,
        response: TextResponse,
        robots: list[str],
        fields: dict[str, Any],
    ) -> Iterator[Request]:
        sizes = candidate.sizes
        everything = self.variants == "all"
        for url in sizes if everything else sizes[:1]:
            yield image_request(
                url,
                page_url=response.url,
                alt=candidate.alt,
                title=candidate.title,
                caption=candidate.caption,
                source=candidate.source,
                position=candidate.position,
                robots=robots,
                alternatives=() if everything else sizes[1:],
                fields=fields,
            )

    def image_candidates(self, response: TextResponse) -> Iterable[ImageCandidate]:
        """Return the images of the page that are wanted: all, by default."""
        return self.extractor.extract(response)

    def next_pages(self, response: TextResponse) -> Iterable[str]:
        """Return the URLs of the pages to crawl next: none, by default."""
        return ()

    def describe(self, candidate: ImageCandidate, response: TextResponse) -> dict[str, Any]:
        """Return more fields for the record of an image: none, by default."""
        return {}


def _is_image(body: bytes) -> bool:
    try:
        inspect_image(body, decode=Decode.NONE)
    except BadImage:
        return False
    return True
