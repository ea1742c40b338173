"""A spider whose hooks wait for something."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from scrapy.http import TextResponse

from imagecrawl.discovery.candidates import ImageCandidate
from imagecrawl.spiders.base import ImageSpider


class HookedSpider(ImageSpider):
    name = "hooked"

    async def image_candidates(self, response: TextResponse) -> AsyncIterator[ImageCandidate]:
        """
        @url data:text/html,<img%20src=http://a.example/1.png>
        @images 1 1
        """
        for candidate in self.extractor.extract(response):
            await asyncio.sleep(0)
            yield candidate

    async def next_pages(self, response: TextResponse) -> str | None:
        await asyncio.sleep(0)
        return response.css("a::attr(href)").get()

    async def describe(self, candidate: ImageCandidate, response: TextResponse) -> dict[str, str]:
        await asyncio.sleep(0)
        return {"genre": response.css("h1::text").get("")}
