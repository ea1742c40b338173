"""How is a request sent: over which connection, and how long may it be silent?"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from scrapy import Request, signals
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadTimeoutError
from scrapy.http import Response
from scrapy.utils.misc import build_from_crawler

from imagecrawl.config import Config
from imagecrawl.errors import AttemptFailed
from imagecrawl.outcomes import Reason
from imagecrawl.signals import shutdown_deadline

_CHECKS_PER_STALL = 10


@dataclass(slots=True, eq=False)
class _Download:
    task: asyncio.Future[Response]
    last_byte: float
    error: Exception | None = field(default=None)


class ImageDownloadHandler(BaseDownloadHandler):
    """Scrapy's HTTP/1.1 handler with three manners more.

    * A retry goes out on a fresh connection, and closes it: whatever was wrong with the old
      ones, a server that has dropped them or a balancer that pins them, is left behind.
    * A download during which no byte comes for ``IMAGECRAWL_STALL_TIMEOUT_SECS`` has timed
      out. (``DOWNLOAD_TIMEOUT`` is the total, and must suit the largest file.)
    * When the crawl is stopping, what is still under way at the deadline is given up.
    """

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pooled = build_from_crawler(HTTP11DownloadHandler, crawler)
        self._fresh = build_from_crawler(HTTP11DownloadHandler, crawler)
        self._stall_secs = Config.from_settings(crawler.settings).stall_timeout_secs
        self._downloads: dict[Request, _Download] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._stopping = False
        crawler.signals.connect(self._bytes_received, signal=signals.bytes_received)
        crawler.signals.connect(self._bytes_received, signal=signals.headers_received)
        crawler.signals.connect(self._give_up, signal=shutdown_deadline)

    async def download_request(self, request: Request) -> Response:
        if self._stopping:
            raise _shutdown()
        handler = self._pooled
        if request.meta.get("retry_times"):
            handler = self._fresh
            request.headers["Connection"] = "close"
        task = asyncio.ensure_future(handler.download_request(request))
        download = _Download(task, asyncio.get_running_loop().time())
        self._downloads[request] = download
        self._watch()
        try:
            return await task
        except asyncio.CancelledError:
            if download.error is not None:
                raise download.error from None
            task.cancel()
            raise
        finally:
            del self._downloads[request]

    def _bytes_received(self, request: Request, **_: Any) -> None:
        download = self._downloads.get(request)
        if download is not None:
            download.last_byte = asyncio.get_running_loop().time()

    def _watch(self) -> None:
        """Look after all downloads with one timer, as long as there are any."""
        if self._timer is None and self._downloads:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._stall_secs / _CHECKS_PER_STALL, self._check)

    def _check(self) -> None:
        self._timer = None
        silent_since = asyncio.get_running_loop().time() - self._stall_secs
        for request, download in self._downloads.items():
            if download.last_byte <= silent_since and download.error is None:
                secs = f"{self._stall_secs:g}"
                download.error = DownloadTimeoutError(f"{request.url}: no byte for {secs} s")
                download.task.cancel()
        self._watch()

    def _give_up(self) -> None:
        self._stopping = True
        for download in self._downloads.values():
            download.error = _shutdown()
            download.task.cancel()

    async def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        await self._pooled.close()
        await self._fresh.close()


def _shutdown() -> AttemptFailed:
    return AttemptFailed(Reason.SHUTDOWN.value, "the crawl is stopping")
