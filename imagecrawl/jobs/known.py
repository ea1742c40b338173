"""Which jobs are there? For the commands that look at one, also while it runs."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scrapy.exceptions import NotConfigured
from scrapy.settings import BaseSettings
from scrapy.utils.project import data_path

from imagecrawl.errors import ConfigError, JobError
from imagecrawl.frontier.ledger import Ledger, open_ledger
from imagecrawl.jobs.folder import DATABASE
from imagecrawl.jobs.job import remembered
from imagecrawl.places import home_of
from imagecrawl.typed import scrapy_command

REPORT = "report.html"
"""The name of a job's report in its folder."""
GENERATOR = b'<meta name="generator" content="imagecrawl">'
"""What a report of ours has near its beginning."""


@dataclass(frozen=True, slots=True)
class KnownJob:
    """A job as it lies on disk; *problem* says why no more is known of it than its folder."""

    folder: Path
    spider: str
    store: str
    args: dict[str, Any]
    problem: str | None = None

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def database(self) -> Path:
        return self.folder / DATABASE

    def worked_on(self) -> float:
        """Return when something was last written, as a Unix time.

        Whoever only reads makes a ``-shm``, and an empty ``-wal``: they do not count.
        """
        files = (self.database, self.folder / f"{DATABASE}-wal")
        stats = [path.stat() for path in files if path.is_file()]
        return max((one.st_mtime for one in stats if one.st_size), default=0.0)

    def ledger(self) -> AbstractContextManager[Ledger]:
        """Give a reader of its ledger; raise :exc:`JobError` if it cannot be read."""
        return open_ledger(self.database)


def jobs_root(settings: BaseSettings) -> Path:
    """Return the folder that has the jobs' folders; raise :exc:`ConfigError` if there is none."""
    folder = Path(settings["IMAGECRAWL_JOBS_DIR"])
    home = home_of(settings)
    if home is not None:
        return home / folder
    try:
        return Path(data_path(folder)).absolute()
    except NotConfigured:
        # Not to be let through: Scrapy would go on without the extension that opens the job.
        raise ConfigError(
            f"IMAGECRAWL_JOBS_DIR={str(folder)!r} is relative, and there is no scrapy.cfg here "
            "that says to what: set IMAGECRAWL_HOME, or give an absolute path"
        ) from None


def known_jobs(settings: BaseSettings) -> list[KnownJob]:
    """Return the jobs, the one most recently worked on first; before them that in JOBDIR, which is
    the one that is meant by a name that others have as well."""
    root = jobs_root(settings)
    own = [_folder_of_its_own(settings)] if settings.get("JOBDIR") else []
    folders = [path for path in root.iterdir() if path.is_dir()] if root.is_dir() else []
    others = _jobs_in(folder for folder in folders if folder not in own)
    return [*_jobs_in(own), *sorted(others, key=KnownJob.worked_on, reverse=True)]


def _jobs_in(folders: Iterable[Path]) -> list[KnownJob]:
    return [job for folder in folders if (job := job_in(folder)) is not None]


def none_yet(settings: BaseSettings) -> str:
    """Return what is said where there is no job."""
    return f"there is no job in {jobs_root(settings)} yet: {scrapy_command('crawl')} makes one"


def find_job(settings: BaseSettings, name: str | None) -> KnownJob:
    """Return the job *name*; without one that in JOBDIR, else the latest.

    Raises :exc:`ConfigError` when there is none, :exc:`JobError` when it cannot be read.
    """
    job = _found(settings, name)
    if job.problem is not None:
        raise JobError(job.problem)
    return job


def _found(settings: BaseSettings, name: str | None) -> KnownJob:
    if name is None and settings.get("JOBDIR"):
        folder = _folder_of_its_own(settings)
        job = job_in(folder)
        if job is None:
            raise ConfigError(f"there is no job in {folder}")
        return job
    jobs = known_jobs(settings)
    if not jobs:
        raise ConfigError(none_yet(settings))
    for job in jobs:
        if name in (None, job.name):
            return job
    names = ", ".join(job.name for job in jobs[:10])
    raise ConfigError(f"there is no job {name!r}: there are {names}")


def _folder_of_its_own(settings: BaseSettings) -> Path:
    return Path(settings["JOBDIR"]).expanduser().absolute()


def job_in(folder: Path) -> KnownJob | None:
    """Return the job in *folder*, ``None`` if there is none."""
    if not (folder / DATABASE).is_file():
        return None
    try:
        manifest = remembered(folder)
    except JobError as error:
        return KnownJob(folder, "", "", {}, str(error))
    if manifest is None:
        return None
    args = manifest.get("args")
    return KnownJob(
        folder,
        str(manifest.get("spider")),
        str(manifest.get("store")),
        args if isinstance(args, dict) else {},
    )
