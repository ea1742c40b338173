"""How long may a download be silent, or slow?

One timer looks after all downloads. A total (``DOWNLOAD_TIMEOUT``) that suits a large file over a
slow line would let a dead connection hold its place for an hour; so two limits more.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadTimeoutError, StopDownload
from scrapy.http import Headers, Response

from imagecrawl.config import TransferLimits
from imagecrawl.errors import AttemptFailed
from imagecrawl.handlers.resume import OtherHalfRefused, Resumption
from imagecrawl.images.early import EarlyLook
from imagecrawl.images.limits import Verdict
from imagecrawl.outcomes import Reason

_CHECKS_PER_LIMIT = 10
_WORTH_STOPPING = 64 * 1024


@dataclass(slots=True, eq=False)
class Transfer:
    """One download under way. Times are the event loop's, in seconds."""

    request: Request
    task: asyncio.Future[Response] | None = None
    last_byte: float = 0.0
    headers: Headers | None = None
    """Those of the answer, once they are there."""
    received: int = 0
    window_began: float = 0.0
    window_received: int = 0
    resumption: Resumption | None = None
    look: EarlyLook | None = None
    most: int | None = None
    """So many bytes of the body are enough."""
    verdict: Verdict | None = None
    """Why the rest of the body is not wanted."""
    heeds: bool = True
    """Whether the body is given up where the headers ask to wait: whatever it may be, and however
    slowly it may come, the waiting begins now. (No signal has the status.)"""
    asked_to_wait: bool = False
    error: Exception | None = None

    @property
    def length(self) -> int | None:
        """The length of the body in bytes, as far as the headers say."""
        text = self.headers.get("Content-Length", b"") if self.headers is not None else b""
        return int(text) if text is not None and text.isdigit() else None

    def began(self, headers: Headers) -> None:
        """Take the headers of the answer."""
        self.headers = headers
        if self.heeds and "Retry-After" in headers:
            self.asked_to_wait = True
            raise StopDownload(fail=False)
        if "Content-Range" in headers or "Content-Encoding" in headers:
            self.look = None  # neither the first bytes, nor those of the image
        elif self.look is not None:
            self.verdict = self.look.begin(self.length)
        try:
            if self.resumption is not None:
                self.resumption.headers(headers)
        except OtherHalfRefused as error:
            self.stop(error)

    def took(self, data: bytes) -> None:
        """Take a part of the body. Raises :exc:`StopDownload` when no more is wanted."""
        self.received += len(data)
        if self.error is not None:
            return
        if self.resumption is not None:
            self.resumption.data(data)
        if self.most is not None and self.received >= self.most:
            raise StopDownload(fail=False)
        if self.look is None:
            return
        self.verdict = self.verdict or self.look.feed(data)
        if self.verdict is None:
            return
        self.look = None
        # To break off the last few bytes would cost more, a new connection, than it saves.
        if self.length is None or self.length - self.received >= _WORTH_STOPPING:
            raise StopDownload(fail=False)

    def stop(self, error: Exception) -> None:
        """End it with *error*; its connection is closed."""
        if self.error is None and self.task is not None:
            self.error = error
            self.task.cancel()


class Transfers:
    """All downloads under way, by their Request."""

    def __init__(self, crawler: Crawler, limits: TransferLimits) -> None:
        self._limits = limits
        shortest = min(limits.stall_secs, limits.window_secs)
        self._check_secs = shortest / _CHECKS_PER_LIMIT
        self._all: dict[Request, Transfer] = {}
        self._timer: asyncio.TimerHandle | None = None
        crawler.signals.connect(self._headers_received, signal=signals.headers_received)
        crawler.signals.connect(self._bytes_received, signal=signals.bytes_received)

    def get(self, request: Request) -> Transfer | None:
        return self._all.get(request)

    def begin(self, transfer: Transfer) -> None:
        transfer.last_byte = asyncio.get_running_loop().time()
        self._all[transfer.request] = transfer
        self._watch()

    def end(self, transfer: Transfer) -> None:
        del self._all[transfer.request]

    def stop_all(self, error: Exception) -> None:
        for transfer in list(self._all.values()):
            transfer.stop(error)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _headers_received(self, headers: Headers, request: Request) -> None:
        transfer = self._all.get(request)
        if transfer is not None:
            now = asyncio.get_running_loop().time()
            transfer.last_byte = transfer.window_began = now
            transfer.began(headers)

    def _bytes_received(self, data: bytes, request: Request) -> None:
        transfer = self._all.get(request)
        if transfer is not None:
            transfer.last_byte = asyncio.get_running_loop().time()
            transfer.took(data)

    def _watch(self) -> None:
        if self._timer is None and self._all:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._check_secs, self._check)

    def _check(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        for transfer in list(self._all.values()):
            error = self._verdict(transfer, now)
            if error is not None:
                transfer.stop(error)
        self._watch()

    def _verdict(self, transfer: Transfer, now: float) -> Exception | None:
        limits = self._limits
        if now - transfer.last_byte >= limits.stall_secs:
            what = "no byte" if transfer.headers is not None else "no answer"
            url, secs = transfer.request.url, limits.stall_secs
            return DownloadTimeoutError(f"{url}: {what} for {secs:g} s")
        if transfer.headers is None or now - transfer.window_began < limits.window_secs:
            return None
        rate = (transfer.received - transfer.window_received) / (now - transfer.window_began)
        if rate < limits.min_bytes_per_sec:
            detail = f"{rate:.3g} bytes/s, less than {limits.min_bytes_per_sec:g}"
            return AttemptFailed(Reason.SLOW.value, detail)
        transfer.window_began, transfer.window_received = now, transfer.received
        return None
