"""The way in and out of the crawl: every Request goes through the durable frontier.

``process_start`` drains the spider's start stream into the frontier and leases what is due;
``process_spider_output`` takes the Requests of a callback; an errback on each leased Request
sees its failures. An entry is settled when everything it produced is durable, and a retry is a
postponement: it holds no slot, and survives a restart. Spiders know nothing of it.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.offsite import OffsiteMiddleware
from scrapy.exceptions import CloseSpider, IgnoreRequest, NotConfigured
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure as TxFailure
from typing_extensions import Self

from imagecrawl import scrapy_internals
from imagecrawl.config import Config
from imagecrawl.errors import AttemptFailed, ImagecrawlError
from imagecrawl.frontier.codec import RequestCodec
from imagecrawl.frontier.dispatch import Dispatcher
from imagecrawl.frontier.endings import Endings
from imagecrawl.frontier.intake import Intake
from imagecrawl.frontier.leases import Lease
from imagecrawl.frontier.reader import StartReader
from imagecrawl.image_urls import image_requests
from imagecrawl.items import ImageItem
from imagecrawl.jobs.job import Job, job_of
from imagecrawl.policies.failures import classify_exception
from imagecrawl.requests import NAMED_CALLBACKS
from imagecrawl.signals import crawl_aborted, image_recorded

logger = logging.getLogger(__name__)

_READ_AHEAD_LOW = 1_000
_LONGEST_WAIT_SECS = 5.0
"""Even without an event the state is looked at this often."""


class FrontierMiddleware:
    """Feeds the crawl from the job's frontier."""

    def __init__(self, crawler: Crawler, job: Job, config: Config) -> None:
        assert crawler.spider is not None and job.hosts is not None
        self._crawler = crawler
        self._config = config
        codec = RequestCodec(crawler.spider, NAMED_CALLBACKS)
        fingerprint = crawler.request_fingerprinter.fingerprint
        self._intake = Intake(codec, fingerprint, config.url_filter)
        self._job, self._frontier = job, job.frontier
        self._dispatcher = Dispatcher(
            job.frontier,
            job.hosts,
            self._intake,
            config,
            crawler.stats,
            delay_of=lambda host: scrapy_internals.slot_delay(crawler, host),
            clock=time.time,
            rng=random.Random(),
        )
        self._event = asyncio.Event()
        self._endings = Endings(self._dispatcher, config.retry_codes, self._abort, self._event.set)
        self._reader: StartReader | None = None
        self._aborting: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        job = job_of(crawler)
        if job is None:
            raise NotConfigured
        middleware = cls(crawler, job, Config.from_settings(crawler.settings))
        endings = middleware._endings
        for handler, signal in (
            (endings.spider_error, signals.spider_error),
            (endings.image_recorded, image_recorded),
            (endings.item_scraped, signals.item_scraped),
            (endings.item_dropped, signals.item_dropped),
            (endings.item_error, signals.item_error),
            (middleware._spider_closed, signals.spider_closed),
        ):
            crawler.signals.connect(handler, signal=signal)
        return middleware

    # --- in: the start stream and what is due ----------------------------------------------

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Yield what is to be sent, until the frontier is drained."""
        scrapy_internals.check(self._crawler)
        high = self._config.read_ahead_entries
        reader = StartReader(
            start, self._frontier, self._intake.entry, _READ_AHEAD_LOW, high, self._event.set
        )
        self._reader = reader
        while True:
            self._event.clear()
            for request in self._lease():
                yield request
            while reader.items:
                yield reader.items.popleft()
            starved = not self._dispatcher.full and self._frontier.ready() > 0
            reader.want(starved=starved)
            self._job.input_read = reader.exhausted
            if reader.exhausted and self._frontier.drained():
                if self._dispatcher.ask_at_the_end():
                    continue
                break
            if isinstance(reader.error, CloseSpider):
                break
            await self._wait()
        if isinstance(reader.error, ImagecrawlError):  # has been told: no need for a traceback
            raise CloseSpider("start_error")
        if reader.error is not None:
            raise reader.error

    def _lease(self) -> list[Request]:
        if self._aborting is not None:
            return []
        try:
            requests = self._dispatcher.lease()
        except Exception as error:
            self._abort(error)
            return []
        for request in requests:
            request.errback = self._errback
        return requests

    async def _wait(self) -> None:
        """Sleep until something has happened or is due.

        What is in work where the engine has nothing in work has been lost, unless the crawl is
        ending for a fault of ours: then it stays pending.
        """
        longest = _LONGEST_WAIT_SECS
        wake = self._dispatcher.next_wake()
        if wake is not None:
            longest = min(longest, max(0.0, wake - time.time()) + 0.001)
        timer = asyncio.get_running_loop().call_later(longest, self._event.set)
        idle = scrapy_internals.nothing_in_work(self._crawler)
        try:
            await self._event.wait()
        finally:
            timer.cancel()
        if self._aborting is not None or not idle or not self._dispatcher.in_work:
            return
        if scrapy_internals.nothing_in_work(self._crawler):
            self._give_up_lost()

    # --- out: answers, failures and what callbacks yield -----------------------------------

    def process_spider_input(self, response: Response) -> None:
        """Free the host's place: the download is over."""
        lease = self._dispatcher.lease_of(response.request)
        if lease is not None:
            self._dispatcher.answered(lease)
            self._event.set()

    async def process_spider_output(
        self, response: Response, result: AsyncIterator[Any]
    ) -> AsyncIterator[Any]:
        """Keep the Requests, pass the items on, and count them."""
        lease = self._dispatcher.lease_of(response.request)
        if lease is None:
            async for one in result:
                yield one
            return
        async for one in self._taken(lease, result):
            yield one

    def process_spider_exception(
        self, response: Response, exception: Exception
    ) -> tuple[()] | None:
        """Let a callback that is a generator say that what came is no answer to it."""
        lease = self._dispatcher.lease_of(response.request)
        if lease is None or not isinstance(exception, AttemptFailed):
            return None
        lease.failure = classify_exception(exception)
        return ()  # its end, which ends the lease, is an ordinary one

    async def _taken(self, lease: Lease, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        async for one in result:
            if isinstance(one, Request):
                if not self._offsite(one):
                    self._dispatcher.add_child(lease, one)
            elif one is not None:
                lease.items += 1
                if isinstance(one, ImageItem) and one.entry_id is None:  # of the spider's making
                    one.entry_id = lease.entry.id
                yield one
        # Not in a `finally`: after an exception, `spider_error` ends the entry; after
        # CloseSpider nothing does, and the next run crawls it again.
        lease.finished = True
        self._endings.finish(lease)

    def _offsite(self, request: Request) -> bool:
        # Scrapy drops such requests when they are scheduled, and tells nobody.
        offsite = self._crawler.get_downloader_middleware(OffsiteMiddleware)
        if offsite is None:
            return False
        try:
            offsite.process_request(request)
        except IgnoreRequest:
            return True
        return False

    def _errback(self, failure: TxFailure) -> AsyncIterator[Any] | None:
        """The errback of every leased Request."""
        lease = self._dispatcher.lease_of(failure.request)  # type: ignore[attr-defined]
        if lease is None:
            return None
        output = self._endings.request_failed(failure, lease)
        if output is None or isinstance(failure.value, HttpError):
            return output  # Scrapy hands it to process_spider_output
        # After a failed download it does not: to no spider middleware.
        return self._taken(lease, _with_image_requests(output))

    # --- the end ---------------------------------------------------------------------------

    def _give_up_lost(self) -> None:
        count = self._dispatcher.give_up_lost()
        logger.warning("%d requests never came back: some component has dropped them", count)

    def _abort(self, error: Exception) -> None:
        """Stop the crawl: without its frontier it would lose what it fetches."""
        if self._aborting is None:
            logger.error("the crawl stops, for the frontier cannot go on: %s", error)
            self._crawler.signals.send_catch_log(signal=crawl_aborted)
            engine = self._crawler.engine
            self._aborting = asyncio.ensure_future(
                engine.close_spider_async(reason="frontier_error")
            )

    def _spider_closed(self, spider: Spider) -> None:
        if self._reader is not None:
            self._reader.stop()


async def _with_image_requests(result: AsyncIterator[Any]) -> AsyncIterator[Any]:
    async for one in result:
        for made in image_requests(one, None):
            yield made
