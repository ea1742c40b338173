"""A spider whose items matter themselves, as docs/extending.md has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import scrapy
from scrapy.http import Response


class ItemsSpider(scrapy.Spider):
    name = "items"

    def parse(self, response: Response) -> Iterator[Any]:
        for price, path in ((1, "/same.jpg"), (2, "/same.jpg"), (3, "/gone.jpg")):
            item = {"price": price, "pictures": [response.urljoin(path)]}
            yield {**item, "image_urls": item["pictures"]}
            yield item
