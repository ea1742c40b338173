"""Where do ``{"image_urls": [...]}`` items become image Requests?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from scrapy.http import Response

from imagecrawl.image_urls import image_requests


class ImageRequestsMiddleware:
    """Applies :func:`imagecrawl.image_urls.image_requests` to all that a spider yields."""

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        async for one in start:
            for made in image_requests(one, None):
                yield made

    async def process_spider_output(
        self, response: Response, result: AsyncIterator[Any]
    ) -> AsyncIterator[Any]:
        async for one in result:
            for made in image_requests(one, response.url):
                yield made
