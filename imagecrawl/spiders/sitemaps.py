"""How does a spider read sitemaps?"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response

from imagecrawl.compression import is_cut
from imagecrawl.discovery.names import is_image_file
from imagecrawl.errors import AttemptFailed
from imagecrawl.inputs.sitemaps import SitemapEntry, SitemapError, read_sitemap
from imagecrawl.inputs.urls import BadUrl, check_url
from imagecrawl.outcomes import Reason
from imagecrawl.requests import image_request
from imagecrawl.spiders.base import SHEET_PRIORITY

logger = logging.getLogger(__name__)


class SitemapReader(Spider):
    """For spiders to inherit from: images named in a sitemap are fetched at once; its pages go
    to ``parse`` where ``reads_pages`` says so."""

    reads_pages = True
    page_callbacks: tuple[str, ...] = ("parse", "parse_sitemap")

    async def start_sitemaps(self, urls: Iterable[str]) -> AsyncIterator[Request]:
        """Yield the Requests of the sitemaps at *urls*, which the user has named."""
        for url in urls:
            meta = {"dont_obey_robotstxt": True}
            yield Request(url, self.parse_sitemap, priority=SHEET_PRIORITY, meta=meta)

    def parse_sitemap(self, response: Response, **_: Any) -> Iterator[Any]:
        """Yield Requests for the images, the pages and the other sitemaps that one names."""
        most = self.settings.getint("DOWNLOAD_MAXSIZE")
        try:
            for entry in read_sitemap(response.body, response.url, most):
                yield from self._of_entry(entry)
        except SitemapError as error:
            if self._is_last(response):
                self.crawler.stats.inc_value("imagecrawl/input/bad_sitemaps")
                logger.error("%s is no sitemap: %s", response.url, error)
            reason = Reason.HTML if b"<html" in response.body[:2000].lower() else Reason.CORRUPT
            detail = f"no sitemap: {error}"
            raise AttemptFailed(reason.value, detail, doubtful=True) from error
        # After what is there: where the rest never comes, that much is read.
        if is_cut(response.body, "gzip", most):
            raise AttemptFailed(Reason.ENCODING.value, "the gzip of the sitemap is cut")

    def _is_last(self, response: Response) -> bool:
        names = ("RETRY_TIMES", "IMAGECRAWL_DOUBTFUL_RETRY_TIMES")
        times: int = response.meta.get("retry_times", 0)
        return times >= min(map(self.settings.getint, names))

    def _of_entry(self, entry: SitemapEntry) -> Iterator[Any]:
        for image in entry.images:
            if self._is_url(image.url):
                yield image_request(
                    image.url,
                    page_url=entry.url or None,
                    title=image.title,
                    caption=image.caption,
                    source="sitemap",
                )
        if not entry.url or not self._is_url(entry.url):
            return
        if entry.is_sitemap:
            yield Request(entry.url, self.parse_sitemap, priority=SHEET_PRIORITY)
        elif is_image_file(entry.url):
            yield image_request(entry.url, source="sitemap")
        elif self.reads_pages and self.takes_page(entry.url):
            yield Request(entry.url)

    def takes_page(self, url: str) -> bool:
        """Tell whether the page at *url*, which a sitemap names, is to be read."""
        return True

    def _is_url(self, text: str) -> bool:
        try:
            check_url(text)
        except BadUrl as error:
            self.crawler.stats.inc_value("imagecrawl/input/bad_lines")
            logger.debug("sitemap: %s", error.detail)
            return False
        return True
