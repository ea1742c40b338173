"""A crawl that cannot begin lets go of its job: a script may run several in one process."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.utils.test import get_crawler

from imagecrawl.errors import JobError
from imagecrawl.extensions.job import JobExtension
from imagecrawl.jobs.job import Job, open_job
from imagecrawl.jobs.lock import process_of
from tests.frontier.support import entries, numbers


class Plain(Spider):
    name = "plain"


class Unlucky(Spider):
    """Its job's database is damaged between the first look at it and the next."""

    name = "plain"

    def prepare_job(self, job: Job) -> None:
        sqlite3.connect(job.frontier.path).execute("DROP TABLE entries").connection.close()


def crawler(spider: type[Spider], folder: Path, **arguments: Any) -> Crawler:
    settings = {**numbers(), "IMAGES_STORE": str(folder / "images"), "JOBDIR": str(folder / "job")}
    made = get_crawler(spider, settings)
    made.spider = spider.from_crawler(made, **arguments)
    return made


def opened(folder: Path) -> Job:
    manifest = {"spider": "plain", "store": str(folder / "images"), "args": {}}
    return open_job(folder / "job", manifest, restart=False)


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    """The folder of a job with one entry, and of its images."""
    job = opened(tmp_path)
    job.frontier.enqueue(entries("a"))
    job.close()
    return tmp_path


def test_the_lock_is_free_when_it_fails_after_the_beginning(begun: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table") as kept:
        JobExtension.from_crawler(crawler(Unlucky, begun, retry_failed="all"))
    assert process_of(begun / "job") is None
    assert kept.value.__traceback__ is not None  # which keeps the lock from being collected


def test_the_frontier_is_closed_when_the_manifest_cannot_be_written(begun: Path) -> None:
    obstacle = begun / "job" / "job.json.part"
    obstacle.mkdir()
    with pytest.raises(JobError, match="cannot be written: Is a directory"):
        JobExtension.from_crawler(crawler(Plain, begun))
    assert not list((begun / "job").glob("*-wal"))  # an open database has its log beside it
    obstacle.rmdir()
    job = opened(begun)
    assert job.frontier.ready() == 1
    job.close()
