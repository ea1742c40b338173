"""Spiders whose contracts are about images: which hold, and which do not?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import scrapy
from scrapy.http import Response, TextResponse

from imagecrawl.discovery.candidates import ImageCandidate
from imagecrawl.spiders.base import ImageSpider


class HoldingSpider(ImageSpider):
    name = "holding"

    def parse(self, response: Response, **_: Any) -> Iterator[Any]:
        """
        @url data:text/html,<img%20src=http://a.example/1.png><img%20src=http://a.example/2.png>
        @images
        @images 2
        @images 1 2
        @images 2 2
        """
        return super().parse(response)

    def image_candidates(self, response: TextResponse) -> list[ImageCandidate]:
        """
        @url data:text/html,<img%20src=http://a.example/1.png>
        @images 1 1
        """
        return self.extractor.extract(response)


class BreakingSpider(scrapy.Spider):
    name = "breaking"

    def parse_few(self, response: Response) -> Any:
        """
        @url data:text/html,<img%20src=http://a.example/1.png>
        @images 3
        """
        yield {"image_urls": ["http://a.example/1.png", "http://a.example/2.png"]}

    async def parse_many(self, response: Response) -> AsyncIterator[Any]:
        """
        @url data:text/html,<p>
        @images 0 1
        """
        yield {"image_urls": ["http://a.example/1.png", "http://a.example/2.png"]}
        yield scrapy.Request("http://a.example/page")

    def parse_wrong(self, response: Response) -> Any:
        """
        @url data:text/html,<p>
        @images three
        """

    def parse_turned(self, response: Response) -> Any:
        """
        @url data:text/html,<p>
        @images 3 1
        """

    def parse_negative(self, response: Response) -> Any:
        """
        @url data:text/html,<p>
        @images -1
        """

    def parse_several(self, response: Response) -> Any:
        """
        @url data:text/html,<p>
        @images 1 2 3
        """
