"""How is a job forgotten? All that it knows, and none of its images."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

from imagecrawl.errors import JobError
from imagecrawl.jobs.folder import all_files
from imagecrawl.jobs.known import GENERATOR, REPORT, KnownJob
from imagecrawl.jobs.lock import JobLock, process_of


def check_idle(job: KnownJob) -> None:
    """Raise :exc:`JobError` if a process works on *job*."""
    in_use = process_of(job.folder)
    if in_use is not None:
        raise JobError(
            f"job {job.name} is in use by process {in_use or '(unknown)'}: stop it first"
        )


def delete_job(job: KnownJob) -> None:
    """Remove the folder of *job*; raise :exc:`JobError` if a process works on it, or if it
    cannot be removed."""
    check_idle(job)
    lock = JobLock(job.folder)
    try:
        lock.acquire()
        # Only what is a job's: its folder may be one of the user's, with the images in it.
        for path in all_files(job.folder):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        _forget_report(job.folder / REPORT)
        # The lock goes last: Windows does not remove what is open.
        lock.release()
        for name in ("job.lock", "job.pid"):
            (job.folder / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            job.folder.rmdir()  # unless there is something else in it
    except OSError as error:
        lock.release()
        raise JobError(f"{job.folder} cannot be removed: {error}") from error


def _forget_report(path: Path) -> None:
    with path.open("rb") if path.is_file() else contextlib.nullcontext() as file:
        ours = file is not None and GENERATOR in file.read(4096)
    if ours:
        path.unlink()
