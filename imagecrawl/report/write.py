"""Where does the report of a job go, and how does it get there whole?"""

from __future__ import annotations

import contextlib
import stat
import time
from collections.abc import Callable
from pathlib import Path

from imagecrawl.errors import JobError
from imagecrawl.jobs.again import Commands
from imagecrawl.jobs.known import GENERATOR, REPORT, KnownJob
from imagecrawl.jobs.lock import process_of
from imagecrawl.report.gather import gather
from imagecrawl.report.output import check_output, write_output
from imagecrawl.report.render import Heading, render
from imagecrawl.report.sheet import contact_sheet

MOST_BYTES = 4_600_000
"""Of the lists and the contact sheet together."""
THUMBNAIL_SECS = 6.0
"""What the thumbnails may take of the time; what is not done by then is left out."""


def write_report(
    job: KnownJob,
    commands: Commands,
    path: Path,
    *,
    thumbnail_secs: float = THUMBNAIL_SECS,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Write the report of *job* to *path*; *commands* are shown in it.

    Raises :exc:`JobError` when the job cannot be read, or the report not be written
    (:func:`imagecrawl.report.output.write_output`).
    """
    check_output(path)
    if path == report_path(job):
        _check_ours(path)
    now = time.time()
    heading = Heading(job.name, job.spider, job.store, commands, now)
    with job.ledger() as ledger:
        facts = gather(ledger, _worked_until(job, now))
        deadline = clock() + thumbnail_secs
        room = MOST_BYTES - facts.failures.bytes - facts.opted_out.bytes
        tiles, stored = contact_sheet(ledger, Path(job.store), lambda: clock() > deadline, room)
    page = render(heading, facts, tiles, stored)
    write_output(path, page.encode("utf-8", "replace"))


def report_path(job: KnownJob) -> Path:
    """Return where the report of *job* is, unless it is told otherwise."""
    return job.folder / REPORT


def _worked_until(job: KnownJob, now: float) -> float:
    """Return when a crawl last worked on *job*: a pause that it was ended in ends there, too."""
    return now if process_of(job.folder) is not None else min(now, job.worked_on())


def _check_ours(path: Path) -> None:
    """Raise :exc:`JobError` if *path* is a file of the user's: a JOBDIR may be any folder."""
    with contextlib.suppress(OSError):
        if not _is_ours(path):
            raise JobError(f"{path} is no report of a crawl, and is left alone: move it away")


def _is_ours(path: Path) -> bool:
    if not stat.S_ISREG(path.stat().st_mode):  # to open a FIFO is to wait for its writer
        return False
    with path.open("rb") as file:
        return GENERATOR in file.read(4096)
