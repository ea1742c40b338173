"""What does somebody see who watches the crawl on a terminal?"""

from __future__ import annotations

import atexit
import sys

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import create_looping_call
from typing_extensions import Self

from imagecrawl.config import Config
from imagecrawl.jobs.job import Job, job_of
from imagecrawl.watch.display import below, display_on
from imagecrawl.watch.ending import not_done, told_by_the_command
from imagecrawl.watch.figures import Meter
from imagecrawl.watch.mode import Progress

_REFRESH_SECS = 0.5
_WINDOW_SECS = 10.0


class ProgressExtension:
    """A live display on standard error, if that is a terminal (``IMAGECRAWL_PROGRESS``).

    It is taken away at the close, however the crawl ends.
    """

    def __init__(self, crawler: Crawler, job: Job) -> None:
        self._crawler = crawler
        self._job = job
        self._display = display_on(sys.stderr)
        self._title = f"job {job.name}"
        rows = getattr(crawler.spider, "input_rows", lambda: None)
        self._meter = Meter(job, crawler.stats, _WINDOW_SECS, rows)
        self._loop = create_looping_call(self._show)
        crawler.signals.connect(self._spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(self._spider_closed, signal=signals.spider_closed)
        crawler.signals.connect(self._engine_stopped, signal=signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        job = job_of(crawler)
        if job is None:
            raise NotConfigured
        mode = Config.from_settings(crawler.settings).progress
        if mode.on(below(sys.stderr), crawler.settings) is not Progress.BAR:
            raise NotConfigured
        return cls(crawler, job)

    def _spider_opened(self) -> None:
        # A second Ctrl-C ends the process without a word to the spider.
        atexit.register(self._display.leave, self._title)
        self._display.join(self._title)
        self._loop.start(_REFRESH_SECS)

    def _show(self) -> None:
        state = "" if self._crawler.crawling else "stopping: Ctrl-C again forces it"
        self._display.show(self._title, self._meter.read(), state)

    def _spider_closed(self, spider: Spider) -> None:
        if self._loop.running:
            self._loop.stop()
        self._display.leave(self._title)

    def _engine_stopped(self) -> None:
        if self._job.complete or self._crawler in told_by_the_command:
            return
        print(not_done(self._crawler, forced=False), file=sys.stderr)
