"""How is a request sent: when, over which connection, and how long may it take?"""

from __future__ import annotations

import asyncio
import time

from scrapy import Request, signals
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Headers, Response
from scrapy.utils.misc import build_from_crawler

from imagecrawl import scrapy_internals
from imagecrawl.config import Config
from imagecrawl.errors import AttemptFailed
from imagecrawl.frontier.intake import ENTRY_KEY, slot_of
from imagecrawl.frontier.job import hosts_of
from imagecrawl.handlers.transfers import Transfer, Transfers
from imagecrawl.outcomes import Reason, http_reason
from imagecrawl.policies.breaker import Ticket
from imagecrawl.policies.failures import causes, classify_exception
from imagecrawl.policies.retry_after import retry_after
from imagecrawl.signals import shutdown_deadline

_HEEDED = frozenset({413, 429, 503})
"""The statuses that Retry-After is defined for, beside 3xx (RFC 9110 10.2.3, RFC 6585 4)."""
_MAX_HEADER_BYTES = 256 * 1024
"""As in Chromium."""
_LONGEST_LOOK_SECS = 1.0


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
        self._transfers = Transfers(crawler, config.transfer)
        self._stopping = False
        crawler.signals.connect(self._headers_received, signal=signals.headers_received)
        crawler.signals.connect(self._give_up, signal=shutdown_deadline)

    async def download_request(self, request: Request) -> Response:
        fresh = bool(request.meta.get("retry_times"))
        if self._hosts is not None:
            fresh = fresh or self._hosts.probing(slot_of(request))
        try:
            return await self._send(request, fresh)
        except Exception as error:
            if fresh or not any(hasattr(one, scrapy_internals.REUSED) for one in causes(error)):
                raise
        # The server had dropped the connection that we used again. That says nothing of the
        # request: it is sent once more, if the host may be asked now.
        return await self._send(request, fresh=True)

    async def _send(self, request: Request, fresh: bool) -> Response:
        transfer = Transfer(request)
        if self._hosts is None:
            return await self._transfer(transfer, fresh)
        ticket = await self._enter(request)
        try:
            response = await self._transfer(transfer, fresh)
            self._report(ticket, request, response)
        except Exception as error:
            self._report_error(ticket, transfer, error)
            raise
        finally:
            self._hosts.leave(ticket)
        return response

    # --- when ------------------------------------------------------------------------------

    async def _enter(self, request: Request) -> Ticket:
        assert self._hosts is not None
        host = slot_of(request)
        while True:
            if self._stopping:
                raise _shutdown()
            ticket = self._hosts.enter(host)
            if ticket is not None:
                return ticket
            until = self._hosts.paused_until(host)
            if ENTRY_KEY in request.meta:
                raise AttemptFailed(Reason.HOST_PAUSED.value, f"{host} is left alone")
            # A robots.txt: what depends on it waits with it.
            await asyncio.sleep(min(_LONGEST_LOOK_SECS, max(0.05, until - time.time())))

    # --- how -------------------------------------------------------------------------------

    async def _transfer(self, transfer: Transfer, fresh: bool) -> Response:
        if self._stopping:
            raise _shutdown()
        request = transfer.request
        if fresh:
            request.headers["Connection"] = "close"
        handler = self._fresh if fresh else self._pooled
        task = asyncio.ensure_future(handler.download_request(request))
        transfer.task = task
        self._transfers.begin(transfer)
        try:
            return await task
        except asyncio.CancelledError:
            if transfer.error is not None:
                raise transfer.error from None
            task.cancel()
            raise
        finally:
            self._transfers.end(transfer)

    # --- what has come of it ---------------------------------------------------------------

    def _headers_received(self, headers: Headers, request: Request) -> None:
        if self._hosts is not None and self._transfers.get(request) is not None:
            self._hosts.begun(slot_of(request))

    def _report(self, ticket: Ticket, request: Request, response: Response) -> None:
        assert self._hosts is not None
        status, wait = response.status, None
        redirect = 300 <= status < 400
        if status in _HEEDED or redirect:
            wait = retry_after(
                _header(response, "Retry-After"), _header(response, "Date"), time.time()
            )
        if wait is None and not self._hosts.counts(http_reason(status)):
            self._hosts.answered(ticket)
            return
        self._hosts.failed(ticket, http_reason(status), wait)
        if redirect and not request.meta.get("retry_times") and ENTRY_KEY in request.meta:
            # The redirected request is to wait as well. When this one comes again it is
            # followed at once: then it has waited.
            raise AttemptFailed(http_reason(status), f"Retry-After: {wait:.0f} s")

    def _report_error(self, ticket: Ticket, transfer: Transfer, error: Exception) -> None:
        assert self._hosts is not None
        if isinstance(error, AttemptFailed) and error.reason == Reason.SHUTDOWN.value:
            return
        if isinstance(error, AttemptFailed) and error.reason.startswith("http_"):
            return  # reported
        if transfer.headers is not None:
            self._hosts.cut(ticket)
        else:
            self._hosts.failed(ticket, classify_exception(error).reason)

    # --- the end ---------------------------------------------------------------------------

    def _give_up(self) -> None:
        self._stopping = True
        self._transfers.stop_all(_shutdown())

    async def close(self) -> None:
        self._transfers.close()
        await self._pooled.close()
        await self._fresh.close()


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value is not None else None


def _shutdown() -> AttemptFailed:
    return AttemptFailed(Reason.SHUTDOWN.value, "the crawl is stopping")
