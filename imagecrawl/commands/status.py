"""``scrapy status``: how a job stands, also while it runs."""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
from collections.abc import Iterator
from typing import Any

from imagecrawl.frontier.counting import IMAGE_OUTCOMES, PAGE_OUTCOMES, accounting_line
from imagecrawl.jobcommand import JobCommand
from imagecrawl.jobs.known import KnownJob, find_job
from imagecrawl.jobs.status import JobStatus, read_status
from imagecrawl.text import printable
from imagecrawl.watch.words import counted, duration

_HOSTS_SHOWN = 20


class Command(JobCommand):
    """Exit codes: 0, it is told how the job stands; 1, there is no such job."""

    def short_desc(self) -> str:
        return "Tell how a job stands: counts, paused hosts, what is due next"

    def long_desc(self) -> str:
        return (
            "Tell how a job stands: how many images are stored, failed and pending, which hosts "
            "are paused, when the next retry is due. It may be used while the job runs. "
            "Examples: scrapy status; scrapy status --job catalogue; "
            "scrapy status --json | jq .images.pending. "
            "Exit code: 0 it is told, 1 there is no such job, 2 wrong usage."
        )

    def add_own_options(self, group: argparse._ArgumentGroup) -> None:
        group.add_argument("--json", action="store_true", help="as one JSON object")

    def answer(self, opts: argparse.Namespace) -> int:
        assert self.settings is not None
        now = time.time()
        job = find_job(self.settings, opts.job)
        status = read_status(job, now)
        if opts.json:
            print(json.dumps(as_json(job, status, now)))
        else:
            for line in as_lines(job, status, now):
                print(printable(line))
        return 0


def as_json(job: KnownJob, status: JobStatus, now: float) -> dict[str, Any]:
    """Return what ``--json`` prints; times are seconds from now."""
    kinds = {"images": status.images, "pages": status.pages}
    return {
        "job": job.name,
        "spider": job.spider,
        "folder": str(job.folder),
        "store": job.store,
        "process": status.process,
        **{name: dataclasses.asdict(counts) for name, counts in kinds.items()},
        "ready": status.ready,
        "waiting": status.waiting,
        "in_work": status.in_work,
        "next_due_secs": None if status.next_due is None else max(0.0, status.next_due - now),
        "paused_hosts": [
            {
                "host": one.host,
                "secs_left": one.until - now,
                "pauses": one.pauses,
                "given_up": one.given_up,
            }
            for one in status.paused
        ],
    }


def as_lines(job: KnownJob, status: JobStatus, now: float) -> Iterator[str]:
    """Yield the same for people."""
    yield f"job {job.name}, spider {job.spider}: {_state(status)}"
    yield f"  folder: {job.folder}"
    yield f"  images in: {job.store}"
    if status.pages.discovered:
        yield f"pages: {accounting_line(status.pages, PAGE_OUTCOMES)}"
    yield f"images: {accounting_line(status.images, IMAGE_OUTCOMES)}"
    if status.waiting:
        # Of a crawl that does not run, the time may be long past.
        due = max(0.0, (status.next_due or now) - now)
        yield f"{counted(status.waiting, 'retry', 'retries')} due, the next in {duration(due)}"
    if status.paused:
        yield f"{counted(len(status.paused), 'host')} paused:"
    for one in status.paused[:_HOSTS_SHOWN]:
        kind = "given up" if one.given_up else f"pause {one.pauses}"
        yield f"  {one.host}  for {duration(one.until - now)}  ({kind})"
    if len(status.paused) > _HOSTS_SHOWN:
        yield f"  and {len(status.paused) - _HOSTS_SHOWN:,} more"


def _state(status: JobStatus) -> str:
    if status.process is not None:
        return f"process {status.process or '(unknown)'} works on it"
    if status.ready or status.waiting or status.in_work:
        return "not done and not running: the same crawl command goes on with it"
    return "done, unless its input has grown"
