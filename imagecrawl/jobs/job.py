"""What is a job, where does it live, and may this process have it?

A job is a folder: the frontier's file, the lists that were fetched for it, a lock, and
``job.json``, which remembers with which arguments and which store it began.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from scrapy.crawler import Crawler

from imagecrawl.errors import ConfigError, JobError
from imagecrawl.frontier.hosts import Hosts
from imagecrawl.frontier.sqlite import SqliteFrontier
from imagecrawl.jobs.folder import DATABASE, MANIFEST, PARTIALS, input_files
from imagecrawl.jobs.lock import JobLock
from imagecrawl.jobs.restart import forget, let_go, restore, set_aside
from imagecrawl.stores.partials import PartialStore

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")
# Device names that Windows keeps for itself, with or without an extension.
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|\Z)", re.IGNORECASE)
ABOUT_THE_JOB = ("job", "restart", "retry_failed")
"""The arguments of a spider that say how, and not what for, it is run."""


def check_job_name(name: str) -> str:
    """Return *name* if it can be a folder on every system, else raise :exc:`ConfigError`."""
    if not _NAME.match(name) or _RESERVED.match(name) or name.endswith("."):
        raise ConfigError(
            f"job={name!r} is no usable name: letters, digits, '.', '_' and '-', at most 100"
        )
    return name


def derived_name(spider: str, inputs: Mapping[str, Any]) -> str:
    """Return the name of the job that *spider* has with *inputs*: the same for the same."""
    text = json.dumps(inputs, sort_keys=True, default=str)
    digest = hashlib.sha256(f"{spider}\n{text}".encode()).hexdigest()[:12]
    readable = re.sub(r"[^A-Za-z0-9_-]+", "-", spider).strip("-")[:40] or "spider"
    return f"{readable}-{digest}"


def remembered(folder: Path) -> dict[str, Any] | None:
    """Return what ``job.json`` of *folder* says, ``None`` where there is no job."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise JobError(
            f"{folder / MANIFEST} cannot be read ({error}): run again with -a restart=true"
        ) from error
    if not isinstance(manifest, dict):
        raise JobError(f"{folder / MANIFEST} is no job's: run again with -a restart=true")
    return manifest


@dataclass
class Job:
    """A job that this process has opened, and holds the lock of."""

    folder: Path
    id: str
    """Eight hexadecimal digits, made once: two jobs may have the same name."""
    frontier: SqliteFrontier
    lock: JobLock
    resumed: bool
    hosts: Hosts | None = None
    """The hosts' health; set by the one who knows the settings."""
    input_read: bool = False
    """Whether the spider's start has been read to its end: no list has any more lines."""
    complete: bool = False
    """Whether the accounting has found that nothing is left to do."""
    _has_begun: bool = False
    _has_ended: bool = False

    @property
    def name(self) -> str:
        return self.folder.name

    def close(self) -> None:
        """Close the frontier and let go of the lock."""
        try:
            self.frontier.close()
        finally:
            self.lock.release()

    def begun(self) -> None:
        """Say that nothing can keep it from beginning: what a restart replaces may go."""
        try:
            let_go(self.folder)
        except OSError as error:
            raise _not_writable(self.folder, error) from error
        self._has_begun = True

    def end(self) -> None:
        """Close it, or discard it if it has not begun; the second time does nothing."""
        if not self._has_ended:
            self._has_ended = True
            self.close() if self._has_begun else self.discard()

    def discard(self) -> None:
        """Close it as if it had not been opened: it could not begin."""
        try:
            self.frontier.close()
            if not self.resumed:
                forget(self.folder)
            before = self.resumed or restore(self.folder)
            if not before:
                for path in input_files(self.folder):
                    path.unlink()
        finally:
            self.lock.release()
        if not before:
            (self.folder / "job.lock").unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # not ours alone
                self.folder.rmdir()


def open_job(folder: Path, manifest: Mapping[str, Any], *, restart: bool) -> Job:
    """Open the job in *folder*, making it if need be.

    *manifest* is what ``job.json`` is to remember (``spider``, ``args``, ``store``). Raises
    :exc:`JobError` when another process has the job, when it began with another store, or
    when its files cannot be used.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = JobLock(folder)
        lock.acquire()
    except OSError as error:
        raise _not_writable(folder, error) from error
    try:
        return _open(folder, lock, manifest, restart)
    except OSError as error:
        lock.release()
        raise _not_writable(folder, error) from error
    except BaseException:
        lock.release()
        raise


def _not_writable(folder: Path, error: OSError) -> JobError:
    return JobError(f"the job's folder {folder} cannot be written: {error.strerror}")


def _open(folder: Path, lock: JobLock, manifest: Mapping[str, Any], restart: bool) -> Job:
    restore(folder)
    identity = _identity(folder)
    if restart:
        set_aside(folder)
    before = remembered(folder)
    if before is not None:
        _check(folder, before, manifest)
    frontier = SqliteFrontier(folder / DATABASE)
    try:
        _remember(folder, {**manifest, "id": identity})
    except BaseException:
        frontier.close()
        raise
    return Job(folder, identity, frontier, lock, before is not None)


def _identity(folder: Path) -> str:
    """Return what tells the job from others with a folder of the same name elsewhere."""
    with contextlib.suppress(JobError):
        known = (remembered(folder) or {}).get("id")
        if isinstance(known, str) and re.fullmatch("[0-9a-f]{8}", known):
            return known
    return secrets.token_hex(4)


def _check(folder: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    for key, advice in (
        ("store", f"set IMAGES_STORE back to {before.get('store')!r}"),
        ("spider", f"run the spider {before.get('spider')!r}"),
    ):
        if before.get(key) != now.get(key):
            raise JobError(
                f"the job {folder.name!r} began with {key} {before.get(key)!r}, not "
                f"{now.get(key)!r}: {advice}, name another job with -a job=NAME, "
                "or start afresh with -a restart=true"
            )


def _remember(folder: Path, manifest: Mapping[str, Any]) -> None:
    path = folder / MANIFEST
    temporary = path.with_suffix(".json.part")
    temporary.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    temporary.replace(path)


# The job of each crawler, for its components: they meet here instead of importing each other.
_jobs: WeakKeyDictionary[Crawler, Job] = WeakKeyDictionary()


def assign_job(crawler: Crawler, job: Job) -> None:
    """Make *job* the job of *crawler*."""
    _jobs[crawler] = job


def hosts_of(crawler: Crawler) -> Hosts | None:
    """Return the hosts of the job of *crawler*, ``None`` where it crawls without one."""
    job = job_of(crawler)
    return job.hosts if job is not None else None


def partials_of(crawler: Crawler, max_bytes: int) -> PartialStore | None:
    """Return where the job of *crawler* keeps half files, swept; ``None`` if nowhere."""
    job = job_of(crawler)
    if job is None or not max_bytes:
        return None
    store = PartialStore(job.folder / PARTIALS, max_bytes)
    store.sweep()
    return store


def job_of(crawler: Crawler) -> Job | None:
    """Return the job of *crawler*, ``None`` where it crawls without a frontier."""
    return _jobs.get(crawler)
