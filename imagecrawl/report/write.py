"""Where does the report of a job go, and how does it get there whole?"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

from imagecrawl.errors import JobError
from imagecrawl.jobs.again import Commands
from imagecrawl.jobs.known import GENERATOR, REPORT, KnownJob
from imagecrawl.jobs.lock import process_of
from imagecrawl.report.gather import gather
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

    Replaced by a rename: whoever opens it never sees half. Raises :exc:`JobError` when the job
    cannot be read, or the file not be written.
    """
    if path.is_dir():
        raise JobError(f"the report cannot be written to {path}: it is a folder")
    if path == report_path(job):
        _check_ours(path)
    now = time.time()
    heading = Heading(job.name, job.spider, job.store, commands, now)
    with job.ledger() as ledger:
        facts = gather(ledger, _worked_until(job, now))
        deadline = clock() + thumbnail_secs
        room = MOST_BYTES - facts.failures.bytes - facts.opted_out.bytes
        tiles, stored = contact_sheet(ledger, Path(job.store), lambda: clock() > deadline, room)
    _write(path, render(heading, facts, tiles, stored))


def report_path(job: KnownJob) -> Path:
    """Return where the report of *job* is, unless it is told otherwise."""
    return job.folder / REPORT


def _worked_until(job: KnownJob, now: float) -> float:
    """Return when a crawl last worked on *job*: a pause that it was ended in ends there, too."""
    return now if process_of(job.folder) is not None else min(now, job.worked_on())


def _check_ours(path: Path) -> None:
    """Raise :exc:`JobError` if *path* is a file of the user's: a JOBDIR may be any folder."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        if GENERATOR not in file.read(4096):
            raise JobError(f"{path} is no report of a crawl, and is left alone: move it away")


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(text.encode("utf-8", "replace"))
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise JobError(f"the report cannot be written to {path}: {error.strerror}") from error
