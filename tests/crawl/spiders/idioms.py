"""A spider that makes of its arguments what spiders in the wild do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import scrapy
from scrapy.http import Response


class CategorySpider(scrapy.Spider):
    name = "category"

    def __init__(self, base: str, category: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stamp = datetime.now().isoformat()
        self.start_urls = kwargs.get("start_urls") or [f"{base}/{category}"]

    def parse(self, response: Response) -> Iterator[Any]:
        yield {"image_urls": response.css("img::attr(src)").getall()}
