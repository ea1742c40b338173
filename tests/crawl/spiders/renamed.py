"""A spider that has lost a method which its job still has requests for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import scrapy
from scrapy.http import Response


class RenamedSpider(scrapy.Spider):
    name = "renamed"

    def __init__(self, base: str = "", lost: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.base = base
        if lost:
            self.parse_old = None  # type: ignore[assignment, method-assign]

    async def start(self) -> AsyncIterator[Any]:
        yield scrapy.Request(f"{self.base}/")

    def parse(self, response: Response) -> Iterator[Any]:
        yield scrapy.Request(f"{self.base}/old", type(self).parse_old.__get__(self), priority=1)
        for number in range(3):
            yield scrapy.Request(f"{self.base}/{number}", self.parse_new)

    def parse_new(self, response: Response) -> None: ...

    def parse_old(self, response: Response) -> None: ...
