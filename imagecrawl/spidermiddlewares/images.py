"""What becomes of the familiar ``{"image_urls": [...]}`` item?"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urljoin

from itemadapter import ItemAdapter
from scrapy import Request
from scrapy.http import Response
from scrapy.utils.python import global_object_name

from imagecrawl.inputs.urls import check_url
from imagecrawl.requests import image_request

logger = logging.getLogger(__name__)

URLS_FIELD = "image_urls"
"""As in Scrapy's own images pipeline."""


class ImageRequestsMiddleware:
    """Turns an item with ``image_urls`` into one image Request a URL.

    The item's other fields travel along, to the record of each of its images. Items without
    image URLs pass on as they are.
    """

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        async for one in start:
            for made in self._convert(one, None):
                yield made

    async def process_spider_output(
        self, response: Response, result: AsyncIterator[Any]
    ) -> AsyncIterator[Any]:
        async for one in result:
            for made in self._convert(one, response):
                yield made

    def _convert(self, one: Any, response: Response | None) -> Iterator[Any]:
        if one is None or isinstance(one, Request) or not ItemAdapter.is_item(one):
            yield one
            return
        item = ItemAdapter(one)
        urls = item.get(URLS_FIELD)
        if not urls:
            yield one
            return
        fields = {k: v for k, v in item.asdict().items() if k not in (URLS_FIELD, "images")}
        for url in [urls] if isinstance(urls, str) else urls:
            request = _request(url, response, fields)
            if request is not None:
                yield request
            else:
                logger.warning(
                    "%s: %r in image_urls of %s is no http(s) URL",
                    *(response.url if response else "start()", url, global_object_name(type(one))),
                )


def _request(url: Any, response: Response | None, fields: dict[str, Any]) -> Request | None:
    page = response.url if response is not None else None
    if not isinstance(url, str) or not url.strip():
        return None
    try:
        absolute = check_url(urljoin(page or "", url.strip()))
        return image_request(absolute, page_url=page, fields=fields)
    except ValueError:
        return None
