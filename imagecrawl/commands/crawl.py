"""``scrapy crawl``, with arguments checked first, one-line errors and honest exit codes."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import sys
from collections.abc import Mapping
from typing import Any, ClassVar

from scrapy.commands import BaseRunSpiderCommand
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings
from scrapy.spiderloader import get_spider_loader
from scrapy.utils.log import configure_logging

from imagecrawl import scrapy_internals
from imagecrawl.config import Config
from imagecrawl.defaults import VALUES
from imagecrawl.errors import ConfigError, ImagecrawlError
from imagecrawl.jobcommand import end_output
from imagecrawl.jobs.again import failures_command
from imagecrawl.jobs.job import job_of
from imagecrawl.jobs.known import job_in
from imagecrawl.logs.handler import begin_logs
from imagecrawl.places import check_on_node, store_of
from imagecrawl.stores.local import check_writable
from imagecrawl.text import harmless
from imagecrawl.typed import scrapy_command
from imagecrawl.watch.ending import not_done, told_by_the_command

logger = logging.getLogger(__name__)


class Command(BaseRunSpiderCommand):
    """Exit codes: 0, the crawl ran to its end; 1, it could not start; 2, it ended early or with
    an internal error."""

    requires_project = True
    # They are checked before an add-on has set them, where that is how they come.
    default_settings: ClassVar[dict[str, Any]] = VALUES

    def syntax(self) -> str:
        return "[options] <spider>"

    def short_desc(self) -> str:
        return "Run a spider; the same command resumes an interrupted crawl"

    def long_desc(self) -> str:
        return (
            "Run a spider. The same command resumes an interrupted crawl. Examples: "
            "scrapy crawl images -a urls=list.txt; "
            "scrapy crawl images -a start_urls=https://example.com/ -a follow=next. "
            "Exit code: 0 it ran to its end, 1 it could not start, 2 it ended early or with an "
            "internal error, or wrong usage."
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        if len(args) != 1:
            example = scrapy_command("crawl", "images")
            raise UsageError(f"name one spider, as in: {example}", print_help=False)
        assert self.settings is not None
        try:
            begin_logs(self.settings)
            self._check(args[0], opts.spargs)
        except ImagecrawlError as error:
            if self.settings.get("LOG_FILE"):
                configure_logging(self.settings)  # Scrapy would do it after this
            _say(error, self.settings)
            sys.exit(1)

    def _check(self, name: str, arguments: Mapping[str, Any]) -> None:
        """Find what is wrong before anything starts, and before the first line of the log."""
        assert self.settings is not None
        loader = get_spider_loader(self.settings)
        if name not in loader.list():
            raise ConfigError(f"there is no spider {name!r}: there are {', '.join(loader.list())}")
        spidercls = loader.load(name)
        check = getattr(spidercls, "check_arguments", None)
        if check is not None:
            check(arguments)
        settings = self.settings.copy()
        spidercls.update_settings(settings)
        # The log begins before Scrapy asks the spider.
        as_json = "IMAGECRAWL_LOG_JSON"
        self.settings.set(as_json, settings.get(as_json), settings.getpriority(as_json) or 0)
        Config.from_settings(settings)
        check_on_node(settings, arguments)
        check_writable(store_of(settings))

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.crawler_process is not None
        crawler = self._create_crawler(args[0])
        told_by_the_command.add(crawler)
        crawling = asyncio.ensure_future(self.crawler_process.crawl(crawler, **opts.spargs))
        self.crawler_process.start()
        self.exitcode = self._outcome(crawler, crawling)
        end_output()  # a reader of the log that has seen enough (`| head`) is no error

    def _outcome(self, crawler: Crawler, crawling: asyncio.Future[None]) -> int:
        error = crawling.exception() if crawling.done() and not crawling.cancelled() else None
        job = job_of(crawler)
        if error is not None and job is not None:
            job.end()  # Scrapy tells nobody of an engine that could not be made
        if isinstance(error, ImagecrawlError):
            _say(error, crawler.settings)
            return 1
        if error is not None:
            logger.error("the crawl failed", exc_info=error)
            return 2
        stats = crawler.stats
        reason = stats.get_value("finish_reason")
        # Ctrl-C may come when all that is left is under way already, and arrives.
        ended = reason == "finished" or (reason == "shutdown" and job is not None and job.complete)
        # Where there is a frontier, an accounting that was not made does not balance.
        without = not crawler.settings.getbool("IMAGECRAWL_FRONTIER_ENABLED")
        balanced = stats.get_value("imagecrawl/accounting/balanced", without)
        pending = stats.get_value("imagecrawl/images/pending", 0)
        closed = scrapy_internals.has_closed(crawler)
        discovered = stats.get_value("imagecrawl/images/discovered", 0)
        useless = not discovered and stats.get_value("imagecrawl/input/bad_sitemaps", 0)
        done = closed and ended and balanced and not pending and not useless
        if sys.stderr.isatty():
            end_output()  # a feed's last lines come before the last words
            words = _last_words(crawler) if done else not_done(crawler, forced=not closed)
            print(words, file=sys.stderr)
        return 0 if done else 2


def _say(error: Exception, settings: BaseSettings) -> None:
    """Say it on the terminal, and in the log if that is a file: under Scrapyd nobody sees the
    terminal."""
    if settings.get("LOG_FILE"):
        logger.error("%s", error)
    with contextlib.suppress(OSError):  # nobody is there any more: the Scrapyd has ended
        print(f"imagecrawl: error: {harmless(str(error))}", file=sys.stderr)


def _last_words(crawler: Crawler) -> str:
    """Return what is left on the terminal, below the log."""
    stats = crawler.stats
    stored = stats.get_value("imagecrawl/images/stored", 0)
    failed = stats.get_value("imagecrawl/images/failed", 0)
    job = job_of(crawler)
    known = job_in(job.folder) if failed and job else None
    hint = f": {failures_command(known, crawler.settings)}" if known else ""
    return f"imagecrawl: done: {stored:,} stored, {failed:,} failed in this run{hint}"
