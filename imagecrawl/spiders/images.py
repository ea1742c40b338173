"""The spider of ``scrapy crawl images``: a list of images, or pages whose images are wanted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from scrapy.crawler import Crawler
from scrapy.http import Response, TextResponse
from typing_extensions import Self

from imagecrawl.config import Config
from imagecrawl.discovery.links import next_pages, site_links
from imagecrawl.discovery.sites import site_of
from imagecrawl.errors import ConfigError
from imagecrawl.inputs.length import Length
from imagecrawl.inputs.lists import Lists
from imagecrawl.inputs.rows import UNREADABLE
from imagecrawl.inputs.table import Table, Wanted
from imagecrawl.jobs.job import ABOUT_THE_JOB, Job, job_of
from imagecrawl.places import SCRAPYD_ARGUMENT
from imagecrawl.spiders.base import SHEET_PRIORITY, ImageSpider
from imagecrawl.spiders.empty import EmptyPages
from imagecrawl.spiders.pages import PageChoice
from imagecrawl.spiders.params import Follow, ImagesParams, parse_params
from imagecrawl.spiders.rows import RowRequests
from imagecrawl.spiders.sitemaps import SitemapReader
from imagecrawl.wanted import FILTERS

logger = logging.getLogger(__name__)

_OPTIONAL = ("url_column", "name_column", "shard")
_USAGE = (
    "what is wanted? Give -a urls=LIST (a file of image URLs, '-' for standard input, or the "
    "address of such a list; several with commas), -a start_urls=URL[,URL...] (pages whose "
    "images are wanted), or -a sitemap=URL"
)


def _lists(params: ImagesParams) -> Lists | None:
    if not params.urls:
        return None
    columns = (params.url_column or None, params.name_column or None)
    return Lists(params.urls, Wanted(*columns, params.share))


class ImagesSpider(ImageSpider, SitemapReader):
    """Brings home the images of a list (``urls=``), of pages (``start_urls=``) or of a site's
    ``sitemap=``."""

    name = "images"
    page_callbacks = SitemapReader.page_callbacks

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
        # Scrapyd's job id is kept as Scrapy keeps it for spiders without arguments of their own.
        super().__init__(**{k: v for k, v in arguments.items() if k == SCRAPYD_ARGUMENT})
        self._take(parse_params(arguments))

    def _take(self, params: ImagesParams) -> None:
        self.params = params
        self.variants, self.read_css = params.variants.value, params.css
        self.reads_pages = params.follows
        self._pages = PageChoice(params.allow, params.deny, params.max_pages)
        self.start_urls = self._own(params.start_urls)
        self._pages.know(self.start_urls)
        self.job, self.restart = params.job, params.restart
        self.retry_failed = params.retry_failed
        self.lists = _lists(params)
        self._tables: list[Table] = []
        self._empty_pages = EmptyPages()
        self._length: Length | None = None
        self._rows_read = 0
        self._adopted = False

    # --- before the crawl ------------------------------------------------------------------

    @classmethod
    def check_arguments(cls, arguments: Mapping[str, Any]) -> None:
        """Raise :exc:`ConfigError` for what can be told wrong before anything starts."""
        params = parse_params(arguments)
        if not params.has_input and not params.job:
            raise ConfigError(_USAGE)
        lists = _lists(params)
        if lists is not None:
            if SCRAPYD_ARGUMENT in arguments:
                lists.check_on_node()
            lists.check()

    def job_key(self, root: Path) -> dict[str, Any]:
        """Return what the name of the job is derived from."""
        if not self.params.has_input:
            raise ConfigError(_USAGE)
        key = self.params.model_dump(mode="json", exclude={*ABOUT_THE_JOB, *_OPTIONAL, "urls"})
        given = {name: value for name in _OPTIONAL if (value := getattr(self.params, name))}
        return {**key, **given, "urls": self.lists.identity() if self.lists else None}

    def adopt_job(self, before: Mapping[str, Any] | None) -> dict[str, Any]:
        """Take over the inputs of a job that is resumed by its name alone."""
        if not self.params.has_input:
            if not before:
                raise ConfigError(f"there is no job {self.job!r} to go on with: {_USAGE}")
            kept = {name: getattr(self, name) for name in ABOUT_THE_JOB}
            self._take(parse_params({**before, **kept}))
            self._adopted = True
            self._set_filters()
        inputs = self.params.model_dump(mode="json", exclude={*ABOUT_THE_JOB}, exclude_none=True)
        if self.lists is not None:
            inputs["urls"] = self.lists.remembered()
        return inputs

    def prepare_job(self, job: Job) -> None:
        """Bring the lists here."""
        if self.lists is None:
            return
        backoff = Config.from_settings(self.settings).retry.backoff
        agent = self.settings["USER_AGENT"]
        self._tables = self.lists.tables(job.folder, agent, backoff, reread=not self._adopted)

    def input_rows(self) -> tuple[int, int] | None:
        """Return how many rows of the lists have been read, and how many there are; ``None`` while
        that is not known."""
        if self._length is None and self._tables:
            self._length = Length(self._tables)
        rows = self._length.rows if self._length is not None else None
        return (min(self._rows_read, rows), rows) if rows is not None else None

    # --- the crawl -------------------------------------------------------------------------

    async def start(self) -> AsyncIterator[Any]:
        if self.lists is None:
            async for request in self._start_pages():
                yield request
            return
        problems = []
        # Without a frontier nobody has brought them here.
        tables = self._tables or self.lists.local_tables()
        before = [self._read_before(table) for table in tables]
        self._rows_read = sum(before)
        for table, after in zip(tables, before, strict=True):
            requests = RowRequests(table, self.crawler.stats, several=len(tables) > 1)
            try:
                for count, row in enumerate(table.rows(after), 1):
                    self._rows_read += 1
                    if count % 1000 == 0:
                        await asyncio.sleep(0)
                    if row is not None and (one := requests.one(row)) is not None:
                        yield one
                requests.close()
            except UNREADABLE as error:
                # Told at the end: the lists behind it are read all the same.
                problems.append(f"urls={table.file.spec!r} cannot be read to its end: {error}")
        if problems:
            raise ConfigError("; ".join(problems))

    async def _start_pages(self) -> AsyncIterator[Any]:
        self._know_pages()
        sitemaps = self._own(self.params.sitemap)
        named = len(self.params.start_urls) + len(self.params.sitemap)
        others = named - len(self.start_urls) - len(sitemaps)
        if others:
            self.crawler.stats.inc_value("imagecrawl/input/other_shards", others)
        async for request in super().start():
            yield request
        async for request in self.start_sitemaps(sitemaps):
            yield request

    def _own(self, urls: Iterable[str]) -> list[str]:
        """Return the pages that are for this node: what is found there is for it, too."""
        share = self.params.share
        return [url for url in urls if share is None or share.takes(site_of(url) or "")]

    def _read_before(self, table: Table) -> int:
        """Return up to which row the list has been taken in, 0 if it has changed since."""
        source = table.file.source
        job = job_of(self.crawler)
        cursor = job.frontier.cursor(source) if job else None
        if cursor is None:
            return 0
        if cursor.signature == table.signature():
            return cursor.line
        logger.info("%s has changed: it is read again, and what is known is skipped", source)
        return 0

    def _know_pages(self) -> None:
        job = job_of(self.crawler)
        if job is not None and self.params.max_pages is not None:
            self._pages.know(job.frontier.page_urls(SHEET_PRIORITY))

    def parse(self, response: Response, **_: Any) -> Iterator[Any]:
        """Yield what the base does; a contract there would hold for every spider made of it.

        @url data:text/html,<img%20src=http://example.com/a.png>
        @images 1 1
        """
        return self._empty_pages.told(response, super().parse(response))

    def next_pages(self, response: TextResponse) -> Iterable[str]:
        """Return the links that ``follow=`` asks for, down to ``depth=``."""
        follow, depth = self.params.follow, self.params.depth
        if follow is Follow.NONE or (depth is not None and response.meta.get("depth", 0) >= depth):
            return ()
        links = site_links(response) if follow is Follow.SITE else next_pages(response)
        return self._pages.choose(links)

    def takes_page(self, url: str) -> bool:
        return self._pages.takes(url)
