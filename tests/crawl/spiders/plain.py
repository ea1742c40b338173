"""A plain Scrapy spider that knows nothing of imagecrawl."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import scrapy
from scrapy.http import Response


class PlainSpider(scrapy.Spider):
    name = "plain"

    def __init__(self, pages: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.start_urls = pages.split()

    def parse(self, response: Response) -> Iterator[Any]:
        yield {
            "image_urls": response.css("img::attr(src)").getall(),
            "url": response.url,
            "title": response.css("title::text").get(),
        }
        for href in response.css("a.page::attr(href)").getall():
            yield response.follow(href, callback=self.parse)
        yield {"page": response.url}
