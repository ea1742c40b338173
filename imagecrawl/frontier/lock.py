"""Who works on this job? One process at a time, and the others are told which."""

from __future__ import annotations

import os
from pathlib import Path

from filelock import FileLock, Timeout

from imagecrawl.errors import JobError


class JobLock:
    """An operating system lock on a job's folder: the kernel lets go of it when a process
    dies, however it dies, so no lock of a dead process is ever in the way."""

    def __init__(self, folder: Path) -> None:
        self._lock = FileLock(folder / "job.lock")
        # Beside the lock, not in it: on Windows a locked file cannot be read by others.
        self._pid = folder / "job.pid"

    def acquire(self) -> None:
        """Take the lock or raise :exc:`JobError`, which names the process that has it."""
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            raise JobError(
                f"the job in {self._pid.parent} is in use by process {self._holder()}: "
                "wait for it or stop it, or give this crawl a job of its own with -a job=NAME"
            ) from None
        self._pid.write_text(f"{os.getpid()}\n", encoding="ascii")

    def release(self) -> None:
        """Let go of the lock."""
        self._pid.unlink(missing_ok=True)
        self._lock.release()

    def _holder(self) -> str:
        try:
            return self._pid.read_text(encoding="ascii").strip() or "(unknown)"
        except OSError:
            return "(unknown)"
