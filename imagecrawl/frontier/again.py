"""How is what failed run again? The command, as a user would type it."""

from __future__ import annotations

import shlex

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings
from scrapy.spiderloader import get_spider_loader

from imagecrawl.errors import ConfigError
from imagecrawl.frontier.jobs import KnownJob, jobs_root
from imagecrawl.places import store_of


def again(job: KnownJob, settings: BaseSettings, reasons: str) -> str:
    """Return the command that runs the failures of *job* again: those with *reasons*, which is
    ``all`` or words with commas between them."""
    try:
        spider: object = get_spider_loader(settings).load(job.spider)
    except KeyError:  # it was run from a script, which knows its class
        spider = None
    words = ["scrapy", "crawl", job.spider]
    jobdir = settings.get("JOBDIR")
    if not jobdir and not _among_the_jobs(job, settings):
        jobdir = str(job.folder)
    if jobdir:
        words += ["-s", f"JOBDIR={jobdir}"]
    else:
        words += ["-a", f"job={job.name}"]
    if jobdir or not hasattr(spider, "adopt_job"):
        told = {k: ",".join(v) if isinstance(v, list) else v for k, v in job.args.items()}
        plain = {k: v for k, v in told.items() if v != "" and isinstance(v, (str, int, float))}
        words += [word for k, v in plain.items() for word in ("-a", f"{k}={v}")]
    words += ["-a", f"retry_failed={reasons}"]
    if job.store != str(store_of(settings)):
        words += ["-s", f"IMAGES_STORE={job.store}"]
    for setting in ("IMAGECRAWL_JOBS_DIR", "IMAGECRAWL_HOME"):
        if settings.getpriority(setting) == SETTINGS_PRIORITIES["cmdline"]:
            words += ["-s", f"{setting}={settings[setting]}"]
    return shlex.join(words)


def _among_the_jobs(job: KnownJob, settings: BaseSettings) -> bool:
    try:
        return job.folder.parent == jobs_root(settings)
    except ConfigError:  # a node without a folder for jobs, which was told where to put this one
        return False
