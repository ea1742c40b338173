"""Which job does this crawl work on? Opened before anything else, closed after all."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, NotConfigured
from typing_extensions import Self

from imagecrawl import scrapy_internals
from imagecrawl.config import Config
from imagecrawl.errors import ConfigError, JobError
from imagecrawl.frontier.hosts import Hosts
from imagecrawl.jobs.arguments import job_key, remembered_arguments
from imagecrawl.jobs.job import (
    Job,
    assign_job,
    check_job_name,
    derived_name,
    open_job,
    remembered,
)
from imagecrawl.jobs.known import jobs_root
from imagecrawl.outcomes import chosen_reasons
from imagecrawl.places import SCRAPYD_ARGUMENT, store_of
from imagecrawl.policies.refusals import ENOUGH, is_refusal
from imagecrawl.stores.local import check_writable

logger = logging.getLogger(__name__)

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"", "0", "false", "no", "off", "none"}
_UNDECIDED_SECS = 10.0
"""What was refused so shortly before a run was interrupted may not have been judged."""


class JobExtension:
    """Opens the job: in ``JOBDIR``, else under ``job=NAME``, else under a name derived from
    the spider and its arguments, so that the same command resumes the same job.

    A spider may take part with three methods (see :class:`imagecrawl.spiders.base.ImageSpider`);
    a plain one need not know.
    """

    def __init__(self, crawler: Crawler, job: Job) -> None:
        self._job = job
        crawler.signals.connect(self._spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(job.end, signal=signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        scrapy_internals.keep_suffixes_local()  # of stock commands, too
        spider, settings = crawler.spider, crawler.settings
        enabled = settings.getbool("IMAGECRAWL_FRONTIER_ENABLED")
        if not enabled or spider is None or scrapy_internals.run_by_stock_command(crawler, spider):
            raise NotConfigured
        config = Config.from_settings(settings)  # before anything is touched
        store = store_of(settings)
        check_writable(store)
        restart = _flag(getattr(spider, "restart", False))
        retried = _retried(spider, restart)
        job = _begin(crawler, spider, str(store), restart)
        try:
            _take_up(job, store, retried)
            job.hosts = Hosts(
                job.frontier.host_table,
                config.hosts,
                time.time,
                random.Random(),
                crawler.stats.inc_value,
                _given_before(job),
            )
        except BaseException:
            job.end()
            raise
        # Scrapy's own job folder is no checkpoint, and would send what we lease a second time.
        settings.set("JOBDIR", None, priority="cmdline")
        assign_job(crawler, job)
        return cls(crawler, job)

    def _spider_opened(self) -> None:
        try:
            self._job.begun()  # from here on no other component can keep it from beginning
        except JobError as error:
            logger.error("%s", error)
            raise CloseSpider("job_error") from error
        frontier = self._job.frontier
        logger.info("job %s in %s", self._job.name, self._job.folder)
        if not self._job.resumed:
            return
        if frontier.drained():
            logger.info("this job has nothing left to do, unless its input has grown")
        else:
            logger.info(
                "going on with it: %d pending, %d of them in work when it was interrupted",
                *(frontier.pending(), frontier.taken_back),
            )
        for host, secs in self._job.hosts.all_paused().items() if self._job.hosts else ():
            logger.info("%s is left alone for %.0f s more, as it was before", host, secs)


def _begin(crawler: Crawler, spider: Spider, store: str, restart: bool) -> Job:
    """Return the job of *spider*; what cannot begin leaves all as it was."""
    folder = _folder(crawler, spider)
    manifest = {"spider": spider.name, "store": store, "args": _adopt(spider, folder, restart)}
    job = open_job(folder, manifest, restart=restart)
    try:
        prepare = getattr(spider, "prepare_job", None)
        if prepare is not None:
            prepare(job)
    except BaseException:
        job.end()
        raise
    return job


def _take_up(job: Job, store: Path, retried: tuple[frozenset[str] | None] | None) -> None:
    """Put back among the pending what has vanished from *store*, and what is to be *retried*."""
    if job.resumed:
        gone = job.frontier.requeue_missing(partial(_is_whole, store))
        if gone:
            logger.warning("%d images are no longer in %s: they are fetched again", gone, store)
        if not job.frontier.drained():
            # It may have been the beginning of a ban.
            count = job.frontier.requeue_undecided(is_refusal, _UNDECIDED_SECS, ENOUGH)
            if count:
                logger.info("the last %d failures may have been none: they are tried again", count)
    if retried is not None:
        count = job.frontier.requeue_failed(retried[0])
        logger.info("%d failed entries are tried again", count)


def _given_before(job: Job) -> Callable[[str], str | None]:
    """Return what finds an image that an earlier run has had of a host. Most runs never ask."""
    given = cache(job.frontier.given if job.resumed else dict[str, str])
    return lambda host: given().get(host)


def _is_whole(store: Path, path: str, size: int) -> bool:
    try:
        return (store / path).stat().st_size == size
    except OSError:
        return False


def _folder(crawler: Crawler, spider: Spider) -> Path:
    jobdir = crawler.settings.get("JOBDIR")
    name = getattr(spider, "job", None)
    # Scrapyd (`jobs_dir`) sets a JOBDIR that no second run has: a name given is meant to last.
    by_scrapyd = hasattr(spider, SCRAPYD_ARGUMENT)
    if jobdir and not (name and by_scrapyd):
        return Path(jobdir).expanduser().absolute()
    root = jobs_root(crawler.settings)
    if name is not None:
        return root / check_job_name(str(name))
    key = getattr(spider, "job_key", None)
    return root / derived_name(spider.name, key(root) if key else job_key(spider))


def _adopt(spider: Spider, folder: Path, restart: bool) -> Mapping[str, Any]:
    """Return the spider's inputs, or let it take over those of the job it names."""
    adopt = getattr(spider, "adopt_job", None)
    if adopt is None:
        return remembered_arguments(spider)
    try:
        before = remembered(folder)
    except JobError:
        if not restart:
            raise
        before = None
    inputs: Mapping[str, Any] = adopt(before.get("args") if before else None)
    return inputs


def _retried(spider: Spider, restart: bool) -> tuple[frozenset[str] | None] | None:
    """Return which failures are to be tried again, in a tuple (``None``: all), if any are."""
    text = getattr(spider, "retry_failed", None)
    if text is None:
        return None
    if restart:
        raise ConfigError("restart= and retry_failed= exclude each other: give one of them")
    try:
        return (chosen_reasons(str(text)),)
    except ValueError as error:
        raise ConfigError(f"retry_failed={text!r}: {error}") from None


def _flag(value: object) -> bool:
    text = str(value).strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ConfigError(f"restart={value!r} is neither true nor false")
