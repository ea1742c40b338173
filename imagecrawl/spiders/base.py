"""The base of spiders that bring images home."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response, TextResponse

from imagecrawl.discovery.candidates import ImageCandidate
from imagecrawl.discovery.images import ImageExtractor
from imagecrawl.images.inspect import BadImage, Decode, inspect_image
from imagecrawl.requests import image_item, image_request


class ImageSpider(Spider):
    """Takes the images of each page, and follows its next pages.

    Override a hook to change one thing: :meth:`image_candidates`, :meth:`next_pages`,
    :meth:`describe`. Nothing else is needed: the settings of the project see to retries, the
    durable frontier and the store.
    """

    extractor = ImageExtractor()

    async def start(self) -> AsyncIterator[Any]:
        for url in self.start_urls:
            # As wget does: what the user names is fetched; what is found there asks robots.txt.
            yield Request(url, meta={"dont_obey_robotstxt": True}, dont_filter=True)

    def parse(self, response: Response, **_: Any) -> Iterator[Any]:
        """Yield an image Request for each candidate, and a Request for each next page.

        @url data:text/html,<img%20src=http://example.com/a.png>
        @returns requests 1 1
        """
        if not isinstance(response, TextResponse) or _is_image(response.body):
            # The page is an image itself, or nothing that could have any.
            yield image_item(response)
            return
        for candidate in self.image_candidates(response):
            yield image_request(
                candidate.url,
                page_url=response.url,
                alt=candidate.alt,
                source=candidate.source,
                fields=self.describe(candidate, response),
            )
        for url in self.next_pages(response):
            yield response.follow(url, callback=self.parse)

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
