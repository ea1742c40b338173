"""A spider whose user presses Ctrl-C twice while it closes."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from typing import Any

import scrapy


class HastySpider(scrapy.Spider):
    name = "hasty"

    async def start(self) -> AsyncIterator[Any]:
        yield {"nothing": 1}

    async def closed(self, reason: str) -> None:
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(0.3)
        await asyncio.sleep(60)
