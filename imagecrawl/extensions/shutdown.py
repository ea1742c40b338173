"""How does a crawl that is told to stop come to its end in seconds?"""

from __future__ import annotations

import logging

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import call_later, create_looping_call
from typing_extensions import Self

from imagecrawl import scrapy_internals
from imagecrawl.config import Config
from imagecrawl.errors import AttemptFailed
from imagecrawl.jobs.job import job_of
from imagecrawl.outcomes import Reason
from imagecrawl.signals import crawl_aborted, shutdown_deadline

logger = logging.getLogger(__name__)

_LOOK_SECS = 0.5


class ShutdownExtension:
    """On SIGINT or SIGTERM, or when the disk is full: what waits in the downloader goes back at
    once, what is under way has ``IMAGECRAWL_SHUTDOWN_GRACE_SECS`` to arrive, and is then given up.

    Nothing of it is lost: it stays pending in the frontier. (Scrapy itself waits for every
    request, a stalled one for the whole of DOWNLOAD_TIMEOUT.)
    """

    def __init__(self, crawler: Crawler, grace_secs: float) -> None:
        self._crawler = crawler
        self._grace_secs = grace_secs
        # No signal says that a crawl is asked to stop; `crawling` does.
        self._look = create_looping_call(self._check)
        crawler.signals.connect(self._spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(self._stop, signal=crawl_aborted)
        crawler.signals.connect(self._spider_closed, signal=signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if job_of(crawler) is None:
            raise NotConfigured
        return cls(crawler, Config.from_settings(crawler.settings).shutdown_grace_secs)

    def _spider_opened(self) -> None:
        self._look.start(_LOOK_SECS, now=False)

    def _check(self) -> None:
        if not self._crawler.crawling:
            self._stop()

    def _stop(self) -> None:
        if not self._look.running:
            return
        self._look.stop()
        logger.info(
            "stopping: what is under way has %g s to arrive, and nothing is lost", self._grace_secs
        )
        stopping = AttemptFailed(Reason.SHUTDOWN.value, "the crawl is stopping")
        scrapy_internals.fail_queued_downloads(self._crawler, stopping)
        call_later(self._grace_secs, self._deadline)

    def _deadline(self) -> None:
        self._crawler.signals.send_catch_log(signal=shutdown_deadline)

    def _spider_closed(self) -> None:
        if self._look.running:
            self._look.stop()
