"""How does a page of a site get into a file, byte for byte?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError

from imagecrawl.discovery.names import is_image_file, is_other_file
from imagecrawl.inputs.sitemaps import SitemapEntry, SitemapError, read_sitemap
from imagecrawl.outcomes import Reason, http_reason
from imagecrawl.policies.failures import classify_exception
from imagecrawl.scaffold.pagekinds import SITEMAP, mismatch, page_kind
from imagecrawl.scaffold.templates import Template


class SavePageSpider(Spider):
    """Writes the page at *url* to *file*, if it can be had at the first attempt and is of the
    kind that *template* is for; or the first page that the *sitemap* names: its ``url`` is that
    one's then.

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

    def __init__(
        self, url: str, file: Path, template: Template, sitemap: str | None = None
    ) -> None:
        super().__init__()
        self.url = url
        self.file = file
        self.template = template
        self.sitemap = sitemap
        self.saved = False
        self.problem: str | None = None
        """Why nothing is saved."""
        self.refused: str | None = None
        """Why what the user named is nothing to make a spider of."""
        self.answered = False
        """Whether there is a server at the address."""

    async def start(self) -> AsyncIterator[Any]:
        if self.sitemap is not None:
            yield self._request(self.sitemap, self.parse_sitemap)
        else:
            yield self._request(self.url, self.parse)

    def parse_sitemap(self, response: Response, **_: Any) -> Request | None:
        """Go on to the first page that the sitemap, or the first one of an index, names."""
        self.answered = True
        kind = _kind(response)
        if kind.startswith("an image"):
            self.refused = mismatch(response.url, kind, self.template)
            return None
        try:
            entries = read_sitemap(response.body, response.url)
            entry = next(filter(_is_of_use, entries), None)
        except SitemapError as error:
            self.problem = f"{response.url} is no sitemap: {error}"
            return None
        if entry is None:
            self.problem = f"{response.url} names no page"
            return None
        if entry.is_sitemap:
            return self._request(entry.url, self.parse_sitemap)
        self.url = entry.url
        return self._request(entry.url, self.parse)

    def parse(self, response: Response, **_: Any) -> Request | None:
        self.answered = True
        kind = _kind(response)
        if not response.body:
            self.problem = f"{response.url}: could not be had ({Reason.EMPTY.value})"
        elif kind == self.template.reads:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self.file.write_bytes(response.body)
            self.saved = True
        elif self.sitemap is not None:
            self.problem = f"{response.url}, of the sitemap, is {kind}, not {self.template.reads}"
        elif kind == SITEMAP and self.template.name == "sitemap":
            self.sitemap = self.url
            return self.parse_sitemap(response)
        else:
            self.refused = mismatch(response.url, kind, self.template)
        return None

    def note_failure(self, failure: Any) -> None:
        """Keep the reason, in the words of docs/outcomes.md."""
        error = failure.value
        if isinstance(error, HttpError):
            self.answered = True
            reason = http_reason(error.response.status)
        else:
            reason = classify_exception(error).reason
        self.problem = f"{failure.request.url}: could not be had ({reason})"

    def _request(self, url: str, callback: Any) -> Request:
        meta = {"dont_obey_robotstxt": True}
        return Request(url, callback, errback=self.note_failure, meta=meta)


def _kind(response: Response) -> str:
    content_type = response.headers.get("Content-Type") or b""
    return page_kind(response.body, content_type.decode("latin-1"))


def _is_of_use(entry: SitemapEntry) -> bool:
    """Tell whether it leads to a page: it is one, or a sitemap."""
    is_file = is_image_file(entry.url) or is_other_file(entry.url)
    return bool(entry.url) and (entry.is_sitemap or not is_file)
