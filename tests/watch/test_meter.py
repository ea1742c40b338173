"""How much is still to come, and how long will that take? Over a real frontier."""

from __future__ import annotations

from pathlib import Path

import pytest
from scrapy.utils.test import get_crawler

from imagecrawl.frontier.entry import Entry
from imagecrawl.jobs.job import Job, open_job
from imagecrawl.outcomes import Kind, Outcome
from imagecrawl.watch.figures import Meter


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return open_job(tmp_path / "job", {"spider": "images"}, restart=False)


class Watch:
    """A crawl of a list of 300 rows, every third of which is new; time goes on by itself."""

    def __init__(self, job: Job) -> None:
        self.job, self.now, self.rows = job, 0.0, (0, 300)
        stats = get_crawler().stats
        self.meter = Meter(job, stats, 10.0, lambda: self.rows, monotonic=lambda: self.now)

    def take_in(self, first: int, count: int, outcome: Outcome | None) -> None:
        names = [f"{number:020}".encode() for number in range(first, first + count)]
        self.job.frontier.enqueue(
            [Entry(name, Kind.IMAGE, "h", f"http://h/{name!r}", outcome=outcome) for name in names]
        )


def test_the_total_goes_by_what_has_come_of_the_rows_read(job: Job) -> None:
    watch = Watch(job)
    assert watch.meter.read().total is None
    watch.rows = (150, 300)
    watch.take_in(0, 50, Outcome.FAILED)
    assert watch.meter.read().total == 100
    job.input_read = True
    assert watch.meter.read().total == 50
    job.close()


def test_no_guess_while_nothing_ends(job: Job) -> None:
    watch = Watch(job)
    job.input_read = True
    watch.take_in(0, 100, None)
    watch.meter.read()
    watch.now = 10
    watch.take_in(100, 50, Outcome.FAILED)
    figures = watch.meter.read()
    assert (figures.images_per_sec, figures.secs_left) == (5, 20)
    for watch.now in (15, 20, 25):
        figures = watch.meter.read()
    assert figures.secs_left is None
    job.close()
