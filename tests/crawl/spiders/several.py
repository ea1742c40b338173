"""A spider whose callbacks make several images of one response."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import scrapy
from scrapy.http import Response

from imagecrawl.demo.gallery import sample_image
from imagecrawl.items import ImageItem
from imagecrawl.requests import image_item

SIDES = {"one": 32, "two": 33, "three": 34, "small": 8}


def picture(name: str) -> bytes:
    return sample_image(SIDES[name], size=(SIDES[name], 24))


class SeveralSpider(scrapy.Spider):
    name = "several"

    def __init__(self, base: str = "", names: str = "", fail: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.base = base
        self.names = names.split("-")
        self.fail = fail

    async def start(self) -> AsyncIterator[Any]:
        yield scrapy.Request(f"{self.base}/sheet")

    def parse(self, response: Response) -> Iterator[Any]:
        first, *others = self.names
        yield image_item(response.replace(body=picture(first)))
        for number, name in enumerate(others):
            yield ImageItem(f"{response.url}#{number}", picture(name))  # by hand
        if self.fail:
            raise ValueError("a mistake in the spider")
