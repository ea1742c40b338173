"""What is said last of a crawl that is not done? How much is waiting, and how to go on."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from weakref import WeakSet

from scrapy.crawler import Crawler

from imagecrawl.jobs.job import job_of
from imagecrawl.outcomes import Kind
from imagecrawl.typed import python, scrapy_command
from imagecrawl.watch.words import counted

_ONCE = re.compile("-a=?(restart|retry_failed)=")

told_by_the_command: WeakSet[Crawler] = WeakSet()
"""The crawls whose last words our command says; those of others and of scripts the display says."""


def not_done(crawler: Crawler, *, forced: bool) -> str:
    """Return the line. *forced*: the process ends before the close of the crawl has ended."""
    waiting = " and ".join(_waiting(crawler))
    missing = ", its report is not written" if forced else ""
    how = "was cut short" if forced else "is not done"
    state = f", {waiting} waiting" if waiting else ""
    return f"imagecrawl: the crawl {how}{state}{missing}. To go on: {same_command(sys.argv)}"


def _waiting(crawler: Crawler) -> list[str]:
    job = job_of(crawler)
    if job is None:
        return []
    # The stats have it at the close only; the tally is there however a crawl ends.
    tally = job.frontier.tally()
    waiting = [
        counted(count, noun)
        for kind, noun in ((Kind.IMAGE, "image"), (Kind.PAGE, "page"))
        if (count := tally.pending(kind))
    ]
    return waiting if job.input_read else [*waiting, "the rest of the input"]


def same_command(argv: Sequence[str]) -> str:
    """Return the command line of this process, without what would begin the job anew, or run again
    what has failed in this run."""
    if Path(argv[0]).suffix == ".py" and Path(argv[0]).stem != "__main__":
        return shlex.join([python(), *argv])  # a script's own
    # Scrapy takes the word "crawl" out of argv.
    return scrapy_command("crawl", *_without_what_is_done(argv[1:]))


def _without_what_is_done(rest: Sequence[str]) -> Iterator[str]:
    """Yield the words of a command line that are for each run of the job."""
    words = iter(rest)
    for word in words:
        option = [word, *([next(words, "")] if word == "-a" else [])]
        if not _ONCE.match("".join(option)):
            yield from option
