"""Stage 2 of 4: the original bytes go to the store."""

from __future__ import annotations

import asyncio
import itertools
import logging
from typing import Any

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from typing_extensions import Self

from imagecrawl.config import Config
from imagecrawl.errors import StoreError
from imagecrawl.images.names import image_path, named_paths
from imagecrawl.items import ImageItem
from imagecrawl.jobs.job import job_of
from imagecrawl.pipelines.threads import ImageThreads
from imagecrawl.places import store_of
from imagecrawl.signals import crawl_aborted
from imagecrawl.stores.local import LocalStore

logger = logging.getLogger(__name__)


class StorePipeline:
    """Fills in ``path``: ``full/<first two of sha256>/<sha256>.<true extension>``, or
    ``full/<name>.<true extension>`` where the image has been given a name.

    A store that cannot be written (a full disk) stops the crawl: what was in work stays
    pending, and the same command goes on when there is room.
    """

    def __init__(self, crawler: Crawler, store: LocalStore) -> None:
        self._crawler = crawler
        self._store = store
        self._threads = ImageThreads(Config.from_settings(crawler.settings).image_threads)
        self._tags = itertools.count()
        self._stopping: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not crawler.settings.get("IMAGES_STORE"):
            raise NotConfigured("IMAGES_STORE is not set")
        job = job_of(crawler)
        root = store_of(crawler.settings)
        return cls(crawler, LocalStore(root, f"{job.name}-{job.id}" if job else "no-job"))

    def open_spider(self) -> None:
        self._store.open()

    async def process_item(self, item: Any) -> Any:
        if not isinstance(item, ImageItem):
            return item
        assert item.facts is not None
        try:
            item.path = await self._threads.run(self._save, item, item.facts.extension)
        except StoreError as error:
            self._stop(error)
            raise
        return item

    def _save(self, item: ImageItem, extension: str) -> str:
        tag = next(self._tags)
        if item.name:
            # Also a content that is stored under another name: each name is a file of its own.
            paths = named_paths(item.name, item.sha256, extension)
            return self._store.save_as(paths, item.body, tag)
        path = image_path(item.sha256, extension)
        self._store.save(path, item.body, tag)
        return path

    def _stop(self, error: StoreError) -> None:
        if self._stopping is None:
            logger.error("%s: the crawl stops; the same command goes on from here", error)
            self._crawler.signals.send_catch_log(signal=crawl_aborted)
            engine = self._crawler.engine
            self._stopping = asyncio.ensure_future(engine.close_spider_async(reason="store_error"))

    def close_spider(self) -> None:
        self._threads.close()
        self._store.close()
