"""A spider that stays on its own host, with meta keys of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import scrapy


class FencedSpider(scrapy.Spider):
    name = "fenced"
    allowed_domains = ("127.0.0.1",)

    def __init__(self, base: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.base = base

    async def start(self) -> AsyncIterator[Any]:
        meta = {"cursor": "abc", "image": "x.jpg"}
        yield scrapy.Request(f"{self.base}/", meta=meta)

    def parse(self, response: Any) -> Any:
        yield {"meta": [response.meta["cursor"], response.meta["image"]]}
        yield scrapy.Request(f"{self.base}/away", self.arrived)
        yield scrapy.Request(f"{self.base}/away?free", self.arrived, dont_filter=True)
        # Half a surrogate pair, as json.loads makes it of a broken script.
        image = f"{self.base}/a.jpg"
        yield {"image_urls": [image], "title": "\ud83d", "tags": {"\udc00": ["\ud83d"]}}

    def arrived(self, response: Any) -> Any:
        yield {"arrived": response.request.meta["redirect_urls"][0].rpartition("/")[2]}
