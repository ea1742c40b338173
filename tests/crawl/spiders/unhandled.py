"""A spider that writes JSON lines, and leaves errors lying about."""

from __future__ import annotations

import gc
import logging
from collections.abc import AsyncIterator
from typing import Any, ClassVar

import scrapy
from twisted.internet.defer import fail

logger = logging.getLogger(__name__)


class UnhandledSpider(scrapy.Spider):
    name = "unhandled"
    custom_settings: ClassVar[dict[str, Any]] = {"IMAGECRAWL_LOG_JSON": True}

    async def start(self) -> AsyncIterator[Any]:
        fail(ValueError("nobody looks"))
        gc.collect()
        logger.info("odd numbers", extra={"wait": float("inf"), "attempt": float("nan")})
        yield {"nothing": 1}
