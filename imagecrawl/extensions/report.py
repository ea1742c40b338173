"""What is left of a crawl for those who did not watch it? Its report, written at the close."""

from __future__ import annotations

import logging
from pathlib import Path

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import run_in_thread
from typing_extensions import Self

from imagecrawl.errors import JobError
from imagecrawl.jobs.again import commands_for
from imagecrawl.jobs.job import Job, job_of
from imagecrawl.jobs.known import KnownJob, job_in
from imagecrawl.report.write import THUMBNAIL_SECS, report_path, write_report

logger = logging.getLogger(__name__)

_HURRIED_SECS = 1.5
"""For the thumbnails when the user waits for Ctrl-C to work."""


class ReportExtension:
    """Writes ``report.html`` into the job's folder. It may take some seconds, in which other
    crawls of the process go on; that it cannot be written is a warning, and never a failure."""

    def __init__(self, crawler: Crawler, job: Job) -> None:
        self._settings = crawler.settings
        self._job = job
        crawler.signals.connect(self._spider_closed, signal=signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        job = job_of(crawler)
        if job is None or not crawler.settings.getbool("IMAGECRAWL_REPORT_ENABLED"):
            raise NotConfigured
        return cls(crawler, job)

    async def _spider_closed(self, spider: Spider, reason: str) -> None:
        try:
            self._job.frontier.commit()
            path = await self._write(_HURRIED_SECS if reason == "shutdown" else THUMBNAIL_SECS)
        except Exception as error:  # whatever it is: the images are on disk
            logger.warning("the report cannot be written: %s", error)
            logger.debug("the report cannot be written", exc_info=True)
        else:
            logger.info("the report is in %s", path)

    async def _write(self, thumbnail_secs: float) -> Path:
        job: KnownJob | None = job_in(self._job.folder)
        if job is None:
            raise FileNotFoundError(f"there is no job in {self._job.folder}")
        if job.problem is not None:
            raise JobError(job.problem)
        path = report_path(job)
        commands = commands_for(job, self._settings)
        await run_in_thread(write_report, job, commands, path, thumbnail_secs=thumbnail_secs)
        return path
