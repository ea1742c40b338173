"""A spider whose errbacks are written in all the ways that Scrapy takes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import scrapy


class ErrsSpider(scrapy.Spider):
    name = "errs"

    def __init__(self, base: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.base = base

    async def start(self) -> AsyncIterator[Any]:
        for way in ("coroutine", "generator", "passing", "raising", "failing"):
            for path in ("gone", "lost"):
                errback = getattr(self, way)
                yield scrapy.Request(f"{self.base}/{path}/{way}", self.parse, errback=errback)

    def parse(self, response: Any) -> None: ...

    async def coroutine(self, failure: Any) -> list[dict[str, str]]:
        return [{"way": "coroutine", "url": failure.request.url}]

    async def generator(self, failure: Any) -> AsyncIterator[Any]:
        yield {"way": "generator", "url": failure.request.url}

    def passing(self, failure: Any) -> Any:
        return failure

    def raising(self, failure: Any) -> None:
        failure.raiseException()

    def failing(self, failure: Any) -> None:
        raise KeyError("a mistake in the errback")
