"""The spider of ``scrapy crawl images``: a list of images, or pages whose images are wanted."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import TextResponse
from typing_extensions import Self

from imagecrawl.config import Config
from imagecrawl.discovery.links import next_pages, site_links
from imagecrawl.errors import ConfigError
from imagecrawl.frontier.entry import Cursor, Entry
from imagecrawl.frontier.job import Job, job_of
from imagecrawl.inputs.listfile import ListInput, check_list
from imagecrawl.inputs.urllist import UNREADABLE, Line, read_lines, signature
from imagecrawl.inputs.urls import BadUrl, check_url
from imagecrawl.meta import CURSOR_KEY
from imagecrawl.outcomes import Kind, Outcome, Reason
from imagecrawl.requests import image_request
from imagecrawl.spiders.base import SHEET_PRIORITY, ImageSpider
from imagecrawl.spiders.pages import PageChoice
from imagecrawl.spiders.params import Follow, ImagesParams, parse_params
from imagecrawl.spiders.sitemaps import SitemapReader
from imagecrawl.wanted import FILTERS

logger = logging.getLogger(__name__)

_ABOUT_THE_JOB = ("job", "restart", "retry_failed")
_LOGGED_BAD_LINES = 10
_USAGE = (
    "what is wanted? Give -a urls=LIST (a file of image URLs, '-' for standard input, or the "
    "address of such a list), -a start_urls=URL[,URL...] (pages whose images are wanted), or "
    "-a sitemap=URL"
)


class ImagesSpider(ImageSpider, SitemapReader):
    """Brings home the images of a list (``urls=``), of pages (``start_urls=``) or of a site's
    ``sitemap=``."""

    name = "images"

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider._set_filters()
        return spider

    def _set_filters(self) -> None:
        """Let the arguments that are filters take the place of their settings."""
        for name, setting in FILTERS.items():
            value = getattr(self.params, name)
            if value is not None:
                self.crawler.settings.set(setting, value, priority="cmdline")

    def __init__(self, **arguments: Any) -> None:
        super().__init__()
        self._take(parse_params(arguments))

    def _take(self, params: ImagesParams) -> None:
        self.params = params
        self.start_urls = list(params.start_urls)
        self.variants, self.read_css = params.variants.value, params.css
        self.reads_pages = params.follows
        self._pages = PageChoice(params.allow, params.deny, params.max_pages)
        self._pages.know(params.start_urls)
        self.job, self.restart = params.job, params.restart
        self.retry_failed = params.retry_failed
        self.list = ListInput(params.urls) if params.urls else None
        self._list_path: Path | None = None
        self._adopted = False
        self._bad_lines = 0

    # --- before the crawl ------------------------------------------------------------------

    @classmethod
    def check_arguments(cls, arguments: Mapping[str, Any]) -> None:
        """Raise :exc:`ConfigError` for what can be told wrong before anything starts."""
        params = parse_params(arguments)
        if not params.has_input and not params.job:
            raise ConfigError(_USAGE)
        if params.urls:
            source = ListInput(params.urls)
            if source.is_local:
                check_list(source.path(), source.spec)

    def job_key(self, root: Path) -> dict[str, Any]:
        """Return what the name of the job is derived from."""
        if not self.params.has_input:
            raise ConfigError(_USAGE)
        key = self.params.model_dump(mode="json", exclude={*_ABOUT_THE_JOB, "urls"})
        return {**key, "urls": self.list.identity() if self.list else None}

    def adopt_job(self, before: Mapping[str, Any] | None) -> dict[str, Any]:
        """Take over the inputs of a job that is resumed by its name alone."""
        if not self.params.has_input:
            if not before:
                raise ConfigError(f"there is no job {self.job!r} to go on with: {_USAGE}")
            kept = {name: getattr(self, name) for name in _ABOUT_THE_JOB}
            self._take(parse_params({**before, **kept}))
            self._adopted = True
            self._set_filters()
        inputs = self.params.model_dump(mode="json", exclude={*_ABOUT_THE_JOB}, exclude_none=True)
        if self.list is not None and self.list.is_local:
            inputs["urls"] = str(self.list.path())  # the command may be typed elsewhere next time
        return inputs

    def prepare_job(self, job: Job) -> None:
        """Bring the list here."""
        if self.list is None:
            return
        backoff = Config.from_settings(self.settings).retry.backoff
        agent = self.settings["USER_AGENT"]
        self._list_path = self.list.fetch(job.folder, agent, backoff, reread=not self._adopted)

    # --- the crawl -------------------------------------------------------------------------

    async def start(self) -> AsyncIterator[Any]:
        if self.list is None:
            self._know_pages()
            async for request in super().start():
                yield request
            async for request in self.start_sitemaps(self.params.sitemap):
                yield request
            return
        path = self._list_path or self.list.path()
        source, now = self.list.source, signature(path)
        after = self._read_before(source, now)
        try:
            for line in read_lines(path, after):
                cursor = Cursor(source, line.number, now)
                yield self._request(line, cursor)
                if line.number % 1000 == 0:
                    await asyncio.sleep(0)
        except UNREADABLE as error:
            raise ConfigError(
                f"urls={self.list.spec!r} cannot be read to its end: {error}"
            ) from error
        if self._bad_lines > _LOGGED_BAD_LINES:
            logger.warning("%s: %d lines are no usable URLs", self.list.spec, self._bad_lines)

    def _read_before(self, source: str, now: str) -> int:
        """Return up to which line the list has been taken in, 0 if it has changed since."""
        job = job_of(self.crawler)
        cursor = job.frontier.cursor(source) if job else None
        if cursor is None:
            return 0
        if cursor.signature == now:
            return cursor.line
        logger.info("%s has changed: it is read again, and what is known is skipped", source)
        return 0

    def _request(self, line: Line, cursor: Cursor) -> Request | Entry:
        meta = {CURSOR_KEY: cursor, "dont_obey_robotstxt": True}
        try:
            return image_request(check_url(line.text), meta=meta)
        except BadUrl as error:
            return self._bad_line(line, error.reason, error.detail)
        except ValueError as error:
            return self._bad_line(line, Reason.INVALID_URL, f"{line.text[:100]!r}: {error}")

    def _bad_line(self, line: Line, reason: Reason, detail: str) -> Entry:
        """Return the entry of a line that cannot be asked for: it goes into the ledger."""
        assert self.list is not None
        self._bad_lines += 1
        self.crawler.stats.inc_value("imagecrawl/input/bad_lines")
        message = f"line {line.number}: {detail}"
        if self._bad_lines <= _LOGGED_BAD_LINES:
            logger.warning("%s, %s", self.list.spec, message)
        text = f"{self.list.source}\n{line.text}".encode("utf-8", "surrogatepass")
        fingerprint = hashlib.sha1(text, usedforsecurity=False).digest()
        return Entry(
            *(fingerprint, Kind.IMAGE, "", line.text[:2000]),
            outcome=Outcome.FAILED,
            reason=reason.value,
            message=message,
        )

    def _know_pages(self) -> None:
        job = job_of(self.crawler)
        if job is not None and self.params.max_pages is not None:
            self._pages.know(job.frontier.page_urls(SHEET_PRIORITY))

    def next_pages(self, response: TextResponse) -> Iterable[str]:
        """Return the links that ``follow=`` asks for, down to ``depth=``."""
        follow, depth = self.params.follow, self.params.depth
        if follow is Follow.NONE or (depth is not None and response.meta.get("depth", 0) >= depth):
            return ()
        links = site_links(response) if follow is Follow.SITE else next_pages(response)
        return self._pages.choose(links)

    def takes_page(self, url: str) -> bool:
        return self._pages.takes(url)
