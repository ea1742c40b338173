"""How does a page of a site get into a file, byte for byte?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response

from imagecrawl.discovery.names import is_image_file
from imagecrawl.inputs.sitemaps import SitemapError, read_sitemap


class SavePageSpider(Spider):
    """Writes the page at *url* to *file*, if it can be had at the first attempt; or the first page
    that the *sitemap* names: its ``url`` is that one's then.

    It asks as all spiders of the project do, with a browser's headers; what a browser is not
    given would be no page to test on.
    """

    name = "save-page"
    custom_settings = {  # noqa: RUF012  # as Scrapy declares it
        "IMAGECRAWL_FRONTIER_ENABLED": False,
        "ITEM_PIPELINES": {},
        "RETRY_TIMES": 0,
        "DOWNLOAD_TIMEOUT": 30,
    }

    def __init__(self, url: str, file: Path, sitemap: str | None = None) -> None:
        super().__init__()
        self.url = url
        self.file = file
        self.sitemap = sitemap
        self.saved = False

    async def start(self) -> AsyncIterator[Any]:
        if self.sitemap is not None:
            yield self._request(self.sitemap, self.parse_sitemap)
        else:
            yield self._request(self.url, self.parse)

    def parse_sitemap(self, response: Response, **_: Any) -> Request | None:
        """Go on to the first page that the sitemap, or the first one of an index, names."""
        try:
            entries = read_sitemap(response.body, response.url)
            entry = next((one for one in entries if one.url and not is_image_file(one.url)), None)
        except SitemapError:
            return None
        if entry is None:
            return None
        if entry.is_sitemap:
            return self._request(entry.url, self.parse_sitemap)
        self.url = entry.url
        return self._request(entry.url, self.parse)

    def parse(self, response: Response, **_: Any) -> None:
        self.file.write_bytes(response.body)
        self.saved = True

    def _request(self, url: str, callback: Any) -> Request:
        return Request(url, callback, meta={"dont_obey_robotstxt": True})
