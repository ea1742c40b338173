"""How is a request sent: over which connection, and how often?"""

from __future__ import annotations

import asyncio
import functools

from scrapy import Request, signals
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Headers, Response
from scrapy.utils.datatypes import LocalCache
from scrapy.utils.misc import build_from_crawler

from imagecrawl import scrapy_internals
from imagecrawl.config import Config
from imagecrawl.errors import AttemptFailed
from imagecrawl.frontier.intake import slot_of
from imagecrawl.handlers.admission import Admission, shutdown
from imagecrawl.handlers.bodies import Bodies
from imagecrawl.handlers.reports import NothingToWaitFor, Reports, may_ask_to_wait
from imagecrawl.handlers.resume import OtherHalfRefused
from imagecrawl.handlers.transfers import Transfer, Transfers
from imagecrawl.jobs.job import hosts_of
from imagecrawl.policies.failures import causes, classify_exception
from imagecrawl.signals import shutdown_deadline

_MAX_HEADER_BYTES = 256 * 1024
"""As in Chromium."""
_MOST_VAIN = 1000


class ImageDownloadHandler(BaseDownloadHandler):
    """Scrapy's HTTP/1.1 handler with better manners.

    * Nothing is sent to a host whose breaker does not let it: also not what was leased before
      it opened. What comes of each request is reported to the breaker.
    * A retry or a probe goes out on a fresh connection, and closes it: whatever was wrong with
      the old ones, a server that has dropped them or a balancer that pins them, is left behind.
    * A download that is silent or too slow has failed (:mod:`imagecrawl.handlers.transfers`).
    * When the crawl is stopping, what is still under way at the deadline is given up.
    """

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        config = Config.from_settings(crawler.settings)
        self._pooled = build_from_crawler(HTTP11DownloadHandler, crawler)
        self._fresh = build_from_crawler(HTTP11DownloadHandler, crawler)
        for handler in (self._pooled, self._fresh):
            scrapy_internals.tame(handler, _MAX_HEADER_BYTES)
        self._hosts = hosts_of(crawler)
        self._bodies = Bodies(crawler, config)
        self._transfers = Transfers(crawler, config.transfer)
        ask = functools.partial(self._transfer, fresh=True)
        self._admission = Admission(self._hosts, crawler.stats, ask)
        self._reports = Reports(self._hosts)
        # Hosts that send a Retry-After with what they give: it waits for the end of the body.
        self._vain: LocalCache[str, None] = LocalCache(_MOST_VAIN)
        crawler.signals.connect(self._headers_received, signal=signals.headers_received)
        crawler.signals.connect(self._give_up, signal=shutdown_deadline)

    async def download_request(self, request: Request) -> Response:
        fresh = bool(request.meta.get("retry_times"))
        if self._hosts is not None:
            fresh = fresh or bool(self._hosts.probing(slot_of(request)))
        heeds = True
        try:
            return await self._send(request, fresh)
        except NothingToWaitFor:
            heeds = False
            self._vain[slot_of(request)] = None
        except OtherHalfRefused:
            pass
        except Exception as error:
            if fresh or not any(hasattr(one, scrapy_internals.REUSED) for one in causes(error)):
                raise
            if self._hosts is not None and self._hosts.floor(slot_of(request)):
                # The site's own delay holds for this, too: it waits its turn, and is not counted.
                named = classify_exception(error)
                raise AttemptFailed(named.reason, named.detail, progress=True) from error
        # The rest of a file was refused; or the server had dropped the connection that we used
        # again. Neither says anything of the request: it is sent once more, if it may be now.
        return await self._send(request, fresh=True, heeds=heeds)

    async def _send(self, request: Request, fresh: bool, *, heeds: bool = True) -> Response:
        transfer = Transfer(
            request,
            resumption=self._bodies.resumption(request),
            look=self._bodies.look(request),
            heeds=heeds and self._hosts is not None and slot_of(request) not in self._vain,
        )
        ticket = await self._admission.enter(request)
        try:  # nothing stands between: a ticket that is never left would block the host for good
            response = await self._transfer(transfer, fresh)
            error = response.status >= 400  # whose body is not missed
            if transfer.asked_to_wait and not (error or may_ask_to_wait(response.status)):
                raise NothingToWaitFor
            if transfer.resumption is not None:
                response = transfer.resumption.whole(response)
            self._reports.answered(ticket, request, response)
            self._bodies.refuse(transfer, response)
        except Exception as error:
            self._reports.failed(ticket, transfer, error)
            self._bodies.keep(transfer, error)
            raise
        finally:
            if transfer.resumption is not None:
                transfer.resumption.end()
            self._admission.leave(ticket)
        return response

    async def _transfer(self, transfer: Transfer, fresh: bool) -> Response:
        self._admission.check()
        request = transfer.request
        kept = transfer.resumption is not None and transfer.resumption.ask()
        fresh = fresh or kept
        if fresh:
            request.headers["Connection"] = "close"
            scrapy_internals.close_idle(self._pooled, request.url)
        handler = self._fresh if fresh else self._pooled
        task = asyncio.ensure_future(handler.download_request(request))
        transfer.task = task
        self._transfers.begin(transfer)
        try:
            return await task
        except BaseException as error:
            # Stopped by us, it ends as asyncio's cancellation or as Twisted's.
            if transfer.error is not None:
                raise transfer.error from None
            if isinstance(error, asyncio.CancelledError):
                task.cancel()
            raise
        finally:
            self._transfers.end(transfer)

    def _headers_received(self, headers: Headers, request: Request) -> None:
        if self._hosts is not None and self._transfers.get(request) is not None:
            self._hosts.begun(slot_of(request))

    def _give_up(self) -> None:
        self._admission.stop()
        self._transfers.stop_all(shutdown())

    async def close(self) -> None:
        self._transfers.close()
        await self._pooled.close()
        await self._fresh.close()
