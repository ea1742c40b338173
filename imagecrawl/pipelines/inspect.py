"""Stage 1 of 4: is it a complete image, and which?"""

from __future__ import annotations

import hashlib
from typing import Any

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from typing_extensions import Self

from imagecrawl.config import Config
from imagecrawl.errors import ImageRejected
from imagecrawl.images.inspect import BadImage, Decode, ImageFacts, inspect_image
from imagecrawl.images.limits import Limits
from imagecrawl.items import ImageItem
from imagecrawl.pipelines.threads import ImageThreads


class InspectPipeline:
    """Fills in ``sha256`` and ``facts``, or rejects the body with its reason.

    The bytes decide, not the Content-Type; decoding happens in threads.
    """

    def __init__(self, decode: Decode, max_pixels: int, wanted: Limits, threads: int) -> None:
        self._decode = decode
        self._max_pixels = max_pixels
        self._wanted = wanted
        self._threads = ImageThreads(threads)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        settings = crawler.settings
        if not settings.get("IMAGES_STORE"):
            raise NotConfigured("IMAGES_STORE is not set")
        config = Config.from_settings(settings)
        return cls(
            decode=config.decode,
            max_pixels=config.max_pixels,
            wanted=config.wanted,
            threads=config.image_threads,
        )

    async def process_item(self, item: Any) -> Any:
        if not isinstance(item, ImageItem):
            return item
        try:
            item.sha256, item.facts = await self._threads.run(self._look, item.body)
        except BadImage as bad:
            raise ImageRejected(bad.reason, bad.detail, item.content_type) from None
        assert item.facts is not None
        facts, wanted = item.facts, self._wanted
        unwanted = (
            wanted.of_format(facts.format)
            or wanted.of_bytes(len(item.body))
            or wanted.of_size(facts.width, facts.height)
        )
        if unwanted is not None:
            raise ImageRejected(unwanted.reason, unwanted.detail)
        return item

    def _look(self, body: bytes) -> tuple[str, ImageFacts]:
        facts = inspect_image(body, max_pixels=self._max_pixels, decode=self._decode)
        return hashlib.sha256(body).hexdigest(), facts

    def close_spider(self) -> None:
        self._threads.close()
