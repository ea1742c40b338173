"""A spider that uses what Scrapy offers, and knows nothing of imagecrawl."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any

import scrapy
from scrapy.http import Response


class OddSpider(scrapy.Spider):
    name = "odd"
    allowed_domains = ("127.0.0.1",)

    def __init__(self, base: str = "", cdn: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.base = base
        self.cdn = cdn

    async def start(self) -> AsyncIterator[Any]:
        yield {"from": "start"}
        yield scrapy.Request(f"{self.base}/one", self.parse_one, cb_kwargs={"k": 1})
        yield scrapy.FormRequest(f"{self.base}/post", self.parse_post, formdata={"x": "1"})
        yield scrapy.Request(f"{self.base}/gone", self.parse_one, errback=self.failed)
        yield scrapy.Request("http://127.0.0.1:1/refused", self.parse_one, errback=self.failed)
        meta = {"handle_httpstatus_list": [404]}
        yield scrapy.Request(f"{self.base}/gone-too", self.parse_status, meta=meta)

    async def parse_one(self, response: Response, k: int) -> AsyncIterator[Any]:
        yield {"image_urls": [f"{self.cdn}/far.jpg"], "when": datetime(2026, 1, 2)}
        for number in range(3):
            yield scrapy.Request(
                f"{self.base}/same", self.parse_same, dont_filter=True, cb_kwargs={"n": number}
            )
        yield scrapy.Request("http://offsite.example/", self.parse_same)

    def parse_post(self, response: Response) -> Iterator[Any]:
        yield {"method": response.request.method}
        raise ValueError("a mistake in the spider")

    def parse_same(self, response: Response, n: int) -> dict[str, int]:
        return {"same": n}

    def parse_status(self, response: Response) -> Iterator[Any]:
        yield {"status": response.status}

    def failed(self, failure: Any) -> Iterator[Any]:
        name = "late" if "refused" in failure.request.url else "later"
        yield {"image_urls": [f"{self.base}/{name}.jpg"]}
