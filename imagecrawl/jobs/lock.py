"""Who works on this job? One process at a time, and the others are told which."""

from __future__ import annotations

import os
from pathlib import Path

from filelock import FileLock, Timeout

from imagecrawl.errors import JobError

_PATIENCE_SECS = 0.2


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
            # Whoever looks which process has a job holds its lock for a moment.
            self._lock.acquire(timeout=_PATIENCE_SECS)
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
        return _pid(self._pid) or "(unknown)"


def process_of(folder: Path) -> int | None:
    """Return the id of the process that works on the job in *folder*: ``None`` if there is
    none, 0 if it is not known which."""
    lock = folder / "job.lock"
    if not lock.exists():
        return None
    try:
        with FileLock(lock, blocking=False):
            return None
    except Timeout:
        return int(_pid(folder / "job.pid") or 0)
    except OSError:  # not ours to lock
        return None


def _pid(path: Path) -> str:
    try:
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError):
        return ""
    return text if text.isdecimal() else ""
