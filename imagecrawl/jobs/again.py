"""How is what failed run again, and how is it listed? The commands, as a user would type them."""

from __future__ import annotations

import os
from dataclasses import dataclass

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings
from scrapy.spiderloader import get_spider_loader

from imagecrawl.errors import ConfigError
from imagecrawl.jobs.known import KnownJob, jobs_root
from imagecrawl.places import store_of
from imagecrawl.typed import scrapy_command


@dataclass(frozen=True, slots=True)
class Commands:
    """*again* runs all failures of a job again (``retry_failed=all``), *failures* lists them, and
    *report* writes the report anew."""

    again: str
    failures: str
    report: str


def commands_for(job: KnownJob, settings: BaseSettings) -> Commands:
    """Return the commands that a report of *job* shows."""
    listing, report = (_about(word, job, settings) for word in ("failures", "report"))
    return Commands(again(job, settings, "all"), listing, report)


def again(job: KnownJob, settings: BaseSettings, reasons: str) -> str:
    """Return the command that runs the failures of *job* again: those with *reasons*, which is
    ``all`` or words with commas between them."""
    words = ["crawl", job.spider]
    in_jobdir = bool(settings.get("JOBDIR")) or not _among_the_jobs(job, settings)
    words += ["-s", f"JOBDIR={job.folder}"] if in_jobdir else ["-a", f"job={job.name}"]
    if in_jobdir or not hasattr(_spider_of(job, settings), "adopt_job"):
        told = {k: ",".join(v) if isinstance(v, list) else v for k, v in job.args.items()}
        plain = {k: v for k, v in told.items() if v != "" and isinstance(v, (str, int, float))}
        words += [word for k, v in plain.items() for word in ("-a", f"{k}={v}")]
    words += ["-a", f"retry_failed={reasons}"]
    if _told(settings, "IMAGES_STORE") or job.store != str(store_of(settings)):
        words += ["-s", f"IMAGES_STORE={job.store}"]
    return scrapy_command(*words, *_where_the_jobs_are(settings))


def failures_command(job: KnownJob, settings: BaseSettings) -> str:
    """Return the command that lists what *job* could not get."""
    return _about("failures", job, settings)


def _about(word: str, job: KnownJob, settings: BaseSettings) -> str:
    named = _among_the_jobs(job, settings)
    which = ["--job", job.name] if named else ["-s", f"JOBDIR={job.folder}"]
    return scrapy_command(word, *which, *_where_the_jobs_are(settings))


def _where_the_jobs_are(settings: BaseSettings) -> list[str]:
    words = []
    for name in ("IMAGECRAWL_JOBS_DIR", "IMAGECRAWL_HOME"):
        # The shell that the command is typed in need not have the environment of this one.
        if settings[name] and (_told(settings, name) or os.environ.get(name) == settings[name]):
            words += ["-s", f"{name}={settings[name]}"]
    return words


def _told(settings: BaseSettings, name: str) -> bool:
    """Tell whether *name* is known to this run alone, and not to the project: by ``-s`` on its
    command line, or by its spider."""
    return (settings.getpriority(name) or 0) >= SETTINGS_PRIORITIES["spider"]


def _spider_of(job: KnownJob, settings: BaseSettings) -> object:
    """Return the class of the spider of *job*, ``None`` if it is not known."""
    try:
        return get_spider_loader(settings).load(job.spider)
    except Exception:  # it is a script's, or one of the project's modules cannot be imported
        return None


def _among_the_jobs(job: KnownJob, settings: BaseSettings) -> bool:
    try:
        return job.folder.parent == jobs_root(settings)
    except ConfigError:  # a node without a folder for jobs, which was told where to put this one
        return False
