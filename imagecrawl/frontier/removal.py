"""How is a job forgotten? All that it knows, and none of its images."""

from __future__ import annotations

import shutil

from imagecrawl.errors import JobError
from imagecrawl.frontier.jobs import KnownJob
from imagecrawl.frontier.lock import JobLock, process_of


def delete_job(job: KnownJob) -> None:
    """Remove the folder of *job*; raise :exc:`JobError` if a process works on it, or if it
    cannot be removed."""
    in_use = process_of(job.folder)
    if in_use is not None:
        raise JobError(
            f"job {job.name} is in use by process {in_use or '(unknown)'}: stop it first"
        )
    lock = JobLock(job.folder)
    lock.acquire()
    try:
        # Without these two it is a job no more, whatever keeps the rest from going. The lock goes
        # last: Windows does not remove what is open.
        for path in sorted(job.folder.glob("frontier.sqlite*")):
            path.unlink()
        (job.folder / "job.json").unlink(missing_ok=True)
        lock.release()
        shutil.rmtree(job.folder)
    except OSError as error:
        lock.release()
        raise JobError(f"{job.folder} cannot be removed: {error}") from error
