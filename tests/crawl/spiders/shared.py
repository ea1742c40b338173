"""A shop whose products share their pictures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import scrapy
from scrapy.http import TextResponse


class SharedSpider(scrapy.Spider):
    name = "shared"

    def __init__(self, base: str, pages: str, fail: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fail = fail
        self.start_urls = [f"{base}/shop/{n}" for n in range(int(pages))]

    def parse(self, response: TextResponse) -> Iterator[Any]:
        for product in response.css("li"):
            pictures = product.css("img::attr(src)").getall()
            yield {"product": product.css("::attr(id)").get(), "image_urls": pictures}
        if self.fail:
            raise ValueError("a mistake")
