"""How is a request sent: when, over which connection, and how long may it take?"""

from __future__ import annotations

import asyncio
import time

from scrapy import Request, signals
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError
from scrapy.http import Headers, Response
from scrapy.utils.misc import build_from_crawler

from imagecrawl import scrapy_internals
from imagecrawl.config import Config
from imagecrawl.errors import AttemptFailed, DownloadRefused
from imagecrawl.frontier.bans import Witness
from imagecrawl.frontier.intake import slot_of
from imagecrawl.handlers.given import ENOUGH_BYTES, of_witness, witness_request
from imagecrawl.handlers.reports import (
    NothingToWaitFor,
    Reports,
    asked_wait,
    header,
    may_ask_to_wait,
)
from imagecrawl.handlers.resume import OtherHalfRefused, Resumption
from imagecrawl.handlers.transfers import Transfer, Transfers
from imagecrawl.images.early import EarlyLook
from imagecrawl.jobs.job import hosts_of, partials_of
from imagecrawl.meta import ENTRY_KEY, IMAGE_KEY, ROBOTS_KEY
from imagecrawl.outcomes import Reason
from imagecrawl.policies.breaker import Ticket
from imagecrawl.policies.failures import causes, classify_exception
from imagecrawl.signals import shutdown_deadline

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
        self._crawler = crawler
        self._config = config = Config.from_settings(crawler.settings)
        self._pooled = build_from_crawler(HTTP11DownloadHandler, crawler)
        self._fresh = build_from_crawler(HTTP11DownloadHandler, crawler)
        for handler in (self._pooled, self._fresh):
            scrapy_internals.tame(handler, _MAX_HEADER_BYTES)
        self._hosts = hosts_of(crawler)
        self._partials = partials_of(crawler, config.partial_max_bytes)
        self._transfers = Transfers(crawler, config.transfer)
        self._stopping = False
        self._reports = Reports(self._hosts)
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
            resumption=self._resumption(request),
            look=self._look(request),
            heeds=heeds and self._hosts is not None,
        )
        ticket = await self._enter(request)
        try:  # nothing stands between: a ticket that is never left would block the host for good
            response = await self._transfer(transfer, fresh)
            error = response.status >= 400  # whose body is not missed
            if transfer.asked_to_wait and not (error or may_ask_to_wait(response.status)):
                raise NothingToWaitFor
            if transfer.resumption is not None:
                response = transfer.resumption.whole(response)
            self._reports.answered(ticket, request, response)
            self._refuse(transfer, response)
        except Exception as error:
            self._reports.failed(ticket, transfer, error)
            self._keep(transfer, error)
            raise
        finally:
            if transfer.resumption is not None:
                transfer.resumption.end()
            if self._hosts is not None and ticket is not None:
                self._hosts.leave(ticket)
        return response

    # --- what is kept, and what is not wanted ----------------------------------------------

    def _resumption(self, request: Request) -> Resumption | None:
        if self._partials is None:
            return None
        key = self._crawler.request_fingerprinter.fingerprint(request).hex()
        return Resumption(self._partials, key, self._config.resume_min_bytes, request)

    def _look(self, request: Request) -> EarlyLook | None:
        is_image = request.meta.get(IMAGE_KEY) is not None
        return EarlyLook(self._config.wanted) if is_image else None

    def _refuse(self, transfer: Transfer, response: Response) -> None:
        """Raise what the first kilobytes have shown, if the download was stopped for it."""
        if transfer.verdict is None or "download_stopped" not in response.flags:
            return
        self._count_refused(transfer)
        if response.status == 200:
            verdict, kind = transfer.verdict, header(response, "Content-Type")
            raise DownloadRefused(verdict.reason, verdict.detail, kind)

    def _count_refused(self, transfer: Transfer) -> None:
        saved = (transfer.length or 0) - transfer.received
        self._crawler.stats.inc_value("imagecrawl/refused_early")
        self._crawler.stats.inc_value("imagecrawl/refused_early/bytes_saved", max(0, saved))

    def _keep(self, transfer: Transfer, error: Exception) -> None:
        """Keep what came of a large body; the attempt then counts as progress."""
        if isinstance(error, DownloadCancelledError):
            self._count_refused(transfer)
        if transfer.resumption is None:
            return
        if isinstance(error, OtherHalfRefused):
            transfer.resumption.forget()
            return
        gained = transfer.resumption.cut()
        if not gained or isinstance(error, (DownloadRefused, DownloadCancelledError)):
            return
        self._crawler.stats.inc_value("imagecrawl/resumed/bytes", gained)
        named = classify_exception(error)
        if named.reason != Reason.SHUTDOWN.value:
            detail = f"{named.detail}; {gained} bytes are kept"
            raise AttemptFailed(named.reason, detail, progress=True) from error

    # --- when ------------------------------------------------------------------------------

    async def _enter(self, request: Request) -> Ticket | None:
        if self._hosts is None:
            return None
        host, attempts = slot_of(request), request.meta.get("retry_times", 0)
        while True:
            if self._stopping:
                raise _shutdown()
            ticket = self._hosts.enter(host, request.meta.get(ENTRY_KEY), attempts)
            if ticket is not None:
                witness = self._hosts.bans.witness(ticket)
                if witness is None:
                    return ticket
                await self._ask(ticket, witness, request)
                # It waits its turn, as after any other request.
                raise AttemptFailed(Reason.HOST_PAUSED.value, f"{host} has been asked")
            if self._hosts.given_up(host):
                raise AttemptFailed(Reason.HOST_DOWN.value, self._hosts.why_given_up(host))
            until = self._hosts.paused_until(host)
            if ENTRY_KEY in request.meta or ROBOTS_KEY in request.meta:
                raise AttemptFailed(Reason.HOST_PAUSED.value, f"{host} is left alone")
            # Some component's own: nobody else would wait for it.
            await asyncio.sleep(min(_LONGEST_LOOK_SECS, max(0.05, until - time.time())))

    async def _ask(self, ticket: Ticket, witness: Witness, request: Request) -> None:
        """Ask for what the host has given before: does it refuse *request*, or everything?"""
        assert self._hosts is not None
        asked = witness_request(request, witness.url)
        self._crawler.stats.inc_value("imagecrawl/hosts/witnesses")
        try:
            response = await self._transfer(Transfer(asked, most=ENOUGH_BYTES), fresh=True)
            reason = of_witness(response, witness.picture)
            if reason is None:
                self._hosts.bans.no_witness(ticket)
            else:
                wait = asked_wait(response) if may_ask_to_wait(response.status) else None
                self._hosts.witnessed(ticket, reason, wait)
        except Exception as error:
            reason = classify_exception(error).reason
            if reason == Reason.SHUTDOWN.value:
                raise
            self._hosts.witnessed(ticket, reason, None)
        finally:
            self._hosts.leave(ticket)

    # --- how -------------------------------------------------------------------------------

    async def _transfer(self, transfer: Transfer, fresh: bool) -> Response:
        if self._stopping:
            raise _shutdown()
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

    # --- what has come of it ---------------------------------------------------------------

    def _headers_received(self, headers: Headers, request: Request) -> None:
        if self._hosts is not None and self._transfers.get(request) is not None:
            self._hosts.begun(slot_of(request))

    # --- the end ---------------------------------------------------------------------------

    def _give_up(self) -> None:
        self._stopping = True
        self._transfers.stop_all(_shutdown())

    async def close(self) -> None:
        self._transfers.close()
        await self._pooled.close()
        await self._fresh.close()


def _shutdown() -> AttemptFailed:
    return AttemptFailed(Reason.SHUTDOWN.value, "the crawl is stopping")
