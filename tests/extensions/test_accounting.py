"""What is said at the close of a crawl, also where the disk has gone."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from pathlib import Path

import pytest
from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.utils.test import get_crawler

from imagecrawl.extensions.accounting import AccountingExtension
from imagecrawl.jobs.job import assign_job, open_job


def close(crawler: Crawler, reason: str) -> None:
    async def told() -> None:
        await crawler.signals.send_catch_log_async(
            signals.spider_closed, spider=None, reason=reason
        )

    asyncio.run(told())


def test_a_database_that_cannot_be_read_keeps_nothing_else_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    job = open_job(tmp_path / "job", {}, restart=False)
    crawler = get_crawler(Spider, {"IMAGES_STORE": str(tmp_path)})
    assign_job(crawler, job)
    extension = AccountingExtension.from_crawler(crawler)
    (tmp_path / "job" / "frontier.sqlite").unlink()
    close(crawler, "finished")
    job.close()
    assert extension is not None
    assert "the lists beside the images cannot be written" in caplog.text
    assert "images: discovered 0 = stored 0" in caplog.text


def test_a_full_disk_below_the_job_is_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise sqlite3.OperationalError("database or disk is full")

    job = open_job(tmp_path / "job", {}, restart=False)
    crawler = get_crawler(Spider, {"IMAGES_STORE": str(tmp_path)})
    assign_job(crawler, job)
    extension = AccountingExtension.from_crawler(crawler)
    monkeypatch.setattr(job.frontier, "commit", full)
    close(crawler, "frontier_error")
    job.close()
    assert extension is not None
    assert "AccountingExtension" not in caplog.text  # as in "Error caught on signal handler"
    assert "the job cannot be kept: database or disk is full" in caplog.text
    assert crawler.stats.get_value("imagecrawl/accounting/balanced") is None  # exit code 2
