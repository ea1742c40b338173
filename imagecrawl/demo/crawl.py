"""Run the project's real spider, in a process of its own, as a user would."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from scrapy.utils.conf import closest_scrapy_cfg

from imagecrawl.demo.logview import condensed

SETTINGS = {
    # in less time than a real server is given
    "IMAGECRAWL_BACKOFF_BASE_SECS": "0.3",
    "IMAGECRAWL_STALL_TIMEOUT_SECS": "2",
    "IMAGECRAWL_SHUTDOWN_GRACE_SECS": "1",
    "RETRY_TIMES": "5",
    "CLOSESPIDER_TIMEOUT": "120",
    # whatever the settings of the project are by now
    "HTTPPROXY_ENABLED": "False",
    "JOBDIR": "",
    "LOG_FILE": "",
    "LOG_FORMAT": "%(asctime)s [%(name)s] %(levelname)s: %(message)s",
    "LOG_DATEFORMAT": "%Y-%m-%d %H:%M:%S",
    "IMAGECRAWL_LOG_JSON": "False",
    "LOG_LEVEL": "DEBUG",  # to show every retry
}
_STOP_SECS = 5.0


def crawl(
    arguments: Mapping[str, str],
    settings: Mapping[str, str],
    say: Callable[[str], None],
    verbose: bool,
) -> int:
    """Run ``scrapy crawl images``, pass on what it says, and return its exit code."""
    command = [sys.executable, "-m", "scrapy", "crawl", "images"]
    for name, value in arguments.items():
        command += ["-a", f"{name}={value}"]
    for name, value in {**SETTINGS, **settings}.items():
        command += ["-s", f"{name}={value}"]
    with subprocess.Popen(
        command,
        cwd=_project(),  # not where we are: what lies there may shadow Python's own modules
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=_environment(),
        encoding="utf-8",
        errors="replace",
    ) as child:
        assert child.stderr is not None
        try:
            lines = (line.rstrip() for line in child.stderr)
            for line in lines if verbose else condensed(lines):
                say(line)
            return child.wait()
        finally:
            _stop(child)


def _project() -> Path:
    return Path(closest_scrapy_cfg()).parent


def _environment() -> dict[str, str]:
    # Scrapy has put the project on sys.path here, but will not do so in a process that
    # inherits SCRAPY_SETTINGS_MODULE.
    path = os.pathsep.join(filter(None, (str(_project()), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}


def _stop(child: subprocess.Popen[str]) -> None:
    """End the crawl if it still runs: by word, then by force."""
    if child.poll() is not None:
        return
    try:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(_STOP_SECS)
    finally:
        child.kill()
