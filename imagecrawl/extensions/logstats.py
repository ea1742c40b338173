"""What does the log say of a crawl's progress, where there is no terminal to watch it on?"""

from __future__ import annotations

import logging
import sys

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.extensions.logstats import LogStats
from typing_extensions import Self

from imagecrawl.config import Config
from imagecrawl.jobs.job import Job, job_of
from imagecrawl.watch.figures import Meter
from imagecrawl.watch.mode import Progress
from imagecrawl.watch.story import in_one_line

logger = logging.getLogger(__name__)


class LogStatsExtension(LogStats):
    """Scrapy's, with a line about images every ``LOGSTATS_INTERVAL`` seconds (0: none).

    Where the display is shown, or with ``IMAGECRAWL_PROGRESS=off``, there are only the final
    stats that Scrapy's extension sets. Without a job the line is Scrapy's.
    """

    _job: Job
    _meter: Meter | None = None
    _silent = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        extension = super().from_crawler(crawler)
        mode = Config.from_settings(crawler.settings).progress
        extension._silent = mode.on(sys.stderr, crawler.settings) is not Progress.LOG
        job = job_of(crawler)
        if job is not None:
            rows = getattr(crawler.spider, "input_rows", lambda: None)
            extension._job = job
            extension._meter = Meter(job, crawler.stats, extension.interval, rows)
        return extension

    def spider_opened(self, spider: Spider) -> None:
        if not self._silent:
            super().spider_opened(spider)

    def log(self, spider: Spider) -> None:
        if self._meter is None:
            super().log(spider)
            return
        figures = self._meter.read()
        if figures.discovered or figures.pages_waiting:
            line = in_one_line(figures)
            logger.info("%s (job %s)", line, self._job.name, extra={"spider": spider})

    def spider_closed(self, spider: Spider, reason: str) -> None:
        self.pagesprev = self.itemsprev = 0  # where spider_opened was not
        super().spider_closed(spider, reason)
