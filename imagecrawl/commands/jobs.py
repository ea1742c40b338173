"""``scrapy jobs``: which jobs there are, and how to be rid of one."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime, timezone
from typing import Any

from imagecrawl.errors import ConfigError, JobError
from imagecrawl.jobcommand import JobCommand
from imagecrawl.jobs.known import KnownJob, known_jobs, none_yet
from imagecrawl.jobs.removal import check_idle, delete_job
from imagecrawl.jobs.status import JobSize, read_size
from imagecrawl.text import printable
from imagecrawl.typed import scrapy_command
from imagecrawl.watch.words import counted, size

_LONGEST = 22
"""Characters of a name that have room beside the rest, in 80 columns."""


class Command(JobCommand):
    """Exit codes: 0, the jobs are listed, or the one is deleted; 1, it is not."""

    names_a_job = "--delete"

    def short_desc(self) -> str:
        return "List the jobs, or delete one"

    def long_desc(self) -> str:
        return (
            "List the jobs, the one last worked on first: images found, entries still to be asked "
            "for, size of the job's folder. --delete removes what one knows, and leaves its "
            "images where they are. Examples: scrapy jobs; scrapy jobs --json; "
            "scrapy jobs --delete catalogue; scrapy jobs --delete catalogue --yes. "
            "Exit code: 0 they are listed or it is deleted, 1 it is not, 2 wrong usage."
        )

    def add_own_options(self, group: argparse._ArgumentGroup) -> None:
        what = group.add_mutually_exclusive_group()
        what.add_argument("--json", action="store_true", help="a JSON object a line")
        what.add_argument("--delete", metavar="NAME", help="remove what this job knows")
        group.add_argument("--yes", action="store_true", help="delete without a question")

    def answer(self, opts: argparse.Namespace) -> int:
        assert self.settings is not None
        jobs = known_jobs(self.settings)
        if opts.delete is not None:
            return _delete(_named(opts.delete, jobs), opts.yes)
        if opts.json:
            for job in jobs:
                print(json.dumps(_as_json(job)))
        elif not jobs:
            print(none_yet(self.settings))
        else:
            _list(jobs)
        return 0


def _named(name: str, jobs: list[KnownJob]) -> KnownJob:
    for job in jobs:
        if job.name == name:
            return job
    names = ", ".join(job.name for job in jobs[:10]) or "none"
    raise ConfigError(f"there is no job {name!r}: there are {names}")


def _size(job: KnownJob) -> JobSize | None:
    try:
        return None if job.problem else read_size(job)
    except JobError:  # of another version, or damaged: it can still be deleted
        return None


def _list(jobs: list[KnownJob]) -> None:
    names = [printable(job.name) for job in jobs]
    width = max(len(name) for name in [*names, "job"] if len(name) <= _LONGEST)
    print(f"{'job':<{width}} {'images':>10} {'pending':>10} {'size':>8}  last worked on")
    for name, job in zip(names, jobs, strict=True):
        if len(name) > _LONGEST:  # a line of its own, so that the columns stay columns
            print(name)
            name = ""
        print(f"{name:<{width}} {_columns(job)}")


def _columns(job: KnownJob) -> str:
    known = _size(job)
    if known is None:
        return f"cannot be read: {scrapy_command('status')} says why"
    when = f"{_worked_on(job).astimezone():%Y-%m-%d %H:%M}"
    running = "  running" if known.process is not None else ""
    numbers = f"{known.discovered:>10,} {known.pending:>10,} {size(known.bytes):>8}"
    return f"{numbers}  {when}{running}"


def _as_json(job: KnownJob) -> dict[str, Any]:
    known = _size(job)
    return {
        "job": job.name,
        "spider": job.spider or None,
        "folder": str(job.folder),
        "store": job.store or None,
        "worked_on": _worked_on(job).isoformat(timespec="seconds"),
        "process": known and known.process,
        "images": known and known.discovered,
        "pending": known and known.pending,
        "bytes": known and known.bytes,
    }


def _worked_on(job: KnownJob) -> datetime:
    return datetime.fromtimestamp(job.worked_on(), timezone.utc)


def _delete(job: KnownJob, yes: bool) -> int:
    check_idle(job)
    known = _size(job)
    pending = f", {counted(known.pending, 'entry', 'entries')} pending" if known else ""
    if not yes:
        if not sys.stdin.isatty():
            raise ConfigError("there is no terminal to ask on: say --yes to delete the job")
        print(printable(f"{job.folder}{pending}"))
        print(
            printable(f"The images{f' in {job.store}' if job.store else ''} stay where they are.")
        )
        if not _agreed(f"Forget all that job {job.name} knows? [y/N] "):
            print("nothing is deleted")
            return 1
    delete_job(job)
    images = f"are still in {job.store}" if job.store else "stay where they are"
    print(printable(f"job {job.name} is deleted; its images {images}"))
    return 0


def _agreed(question: str) -> bool:
    try:
        return input(question).strip().lower() in ("y", "yes")
    except (EOFError, KeyboardInterrupt):
        print()
        return False
