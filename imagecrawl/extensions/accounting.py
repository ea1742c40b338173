"""Is everything accounted for? Said at the close of every crawl, and written beside the images."""

from __future__ import annotations

import logging
from pathlib import Path

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import run_in_thread
from typing_extensions import Self

from imagecrawl.frontier.counting import IMAGE_OUTCOMES, PAGE_OUTCOMES, accounting_line
from imagecrawl.frontier.ledger import open_ledger
from imagecrawl.jobs.job import Job, job_of
from imagecrawl.outcomes import Kind
from imagecrawl.places import store_of
from imagecrawl.stores.manifest import FAILED, IMAGES, write_manifest

logger = logging.getLogger(__name__)


class AccountingExtension:
    """Checks ``discovered = stored + duplicate + filtered + opted out + failed + pending``.

    What is discovered is counted when entries come in, the rest from the ledger's rows, so a
    row that is lost shows. The result is the stat ``imagecrawl/accounting/balanced``, on which
    the exit code of the ``crawl`` command depends.
    """

    def __init__(self, crawler: Crawler, job: Job, root: Path) -> None:
        self._stats = crawler.stats
        self._job = job
        self._root = root
        crawler.signals.connect(self._spider_closed, signal=signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        job = job_of(crawler)
        if job is None:
            raise NotConfigured
        return cls(crawler, job, store_of(crawler.settings))

    async def _spider_closed(self, spider: Spider, reason: str) -> None:
        try:
            self._job.frontier.commit()
        except Exception as error:  # a full disk, in the words of whatever keeps the frontier
            # Without the stat, the crawl is not done: its exit code says so.
            logger.error("the accounting cannot be made, for the job cannot be kept: %s", error)
            return
        images = self._job.frontier.counts(Kind.IMAGE)
        pages = self._job.frontier.counts(Kind.PAGE)
        balanced = images.balanced and pages.balanced
        self._job.complete = self._job.input_read and not (images.pending or pages.pending)
        self._stats.set_value("imagecrawl/accounting/balanced", balanced)
        self._stats.set_value("imagecrawl/images/discovered", images.discovered)
        self._stats.set_value("imagecrawl/images/pending", images.pending)
        await run_in_thread(self._write_manifests)  # of a million lines, beside what still ends
        if pages.discovered:
            logger.info("pages: %s", accounting_line(pages, PAGE_OUTCOMES))
        logger.info("images: %s", accounting_line(images, IMAGE_OUTCOMES))
        if not balanced:
            logger.error("the accounting does not balance: entries of the job have been lost")
        elif not self._job.complete:
            logger.info("the crawl is not done: the same command goes on from here")

    def _write_manifests(self) -> None:
        job = self._job.name, self._job.id
        try:
            with open_ledger(self._job.frontier.path) as ledger:
                write_manifest(self._root, IMAGES, *job, ledger.images())
                lost = (one._asdict() for one in ledger.missing())
                missing = write_manifest(self._root, FAILED, *job, lost)
        except Exception as error:  # the store's disk, or the frontier's: SQLite's errors too
            # The ledger has it all: the next run writes them.
            logger.error("the lists beside the images cannot be written: %s", error)
        else:
            logger.info("the images are listed in %s", self._root / IMAGES)
            if missing:
                logger.info("%d that could not be had: %s", missing, self._root / FAILED)
