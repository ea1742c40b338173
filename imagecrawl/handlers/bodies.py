"""How much of a body is wanted, and what is kept of one that was cut?"""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError
from scrapy.http import Response

from imagecrawl.config import Config
from imagecrawl.errors import AttemptFailed, DownloadRefused
from imagecrawl.handlers.reports import header
from imagecrawl.handlers.resume import OtherHalfRefused, Resumption
from imagecrawl.handlers.transfers import Transfer
from imagecrawl.images.early import EarlyLook
from imagecrawl.jobs.job import partials_of
from imagecrawl.meta import IMAGE_KEY
from imagecrawl.outcomes import Reason
from imagecrawl.policies.failures import classify_exception


class Bodies:
    """Keeps half files in the job of *crawler*, if it has one; refuses what is not wanted."""

    def __init__(self, crawler: Crawler, config: Config) -> None:
        self._crawler = crawler
        self._config = config
        self._partials = partials_of(crawler, config.partial_max_bytes)

    def resumption(self, request: Request) -> Resumption | None:
        """Return what looks after half a body, if any is kept."""
        if self._partials is None:
            return None
        fingerprint = self._crawler.request_fingerprinter.fingerprint
        return Resumption(self._partials, fingerprint, self._config.resume_min_bytes, request)

    def look(self, request: Request) -> EarlyLook | None:
        """Return what looks at the first kilobytes, if *request* asks for an image."""
        is_image = request.meta.get(IMAGE_KEY) is not None
        return EarlyLook(self._config.wanted) if is_image else None

    def refuse(self, transfer: Transfer, response: Response) -> None:
        """Raise what the first kilobytes have shown, if the download was stopped for it."""
        if transfer.verdict is None or "download_stopped" not in response.flags:
            return
        self._count_refused(transfer)
        if response.status == 200:
            verdict, kind = transfer.verdict, header(response, "Content-Type")
            raise DownloadRefused(verdict.reason, verdict.detail, kind)

    def keep(self, transfer: Transfer, error: Exception) -> None:
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

    def _count_refused(self, transfer: Transfer) -> None:
        saved = (transfer.length or 0) - transfer.received
        self._crawler.stats.inc_value("imagecrawl/refused_early")
        self._crawler.stats.inc_value("imagecrawl/refused_early/bytes_saved", max(0, saved))
