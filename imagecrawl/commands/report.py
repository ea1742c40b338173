"""``scrapy report``: how a job went, or goes, as one HTML file."""

from __future__ import annotations

import argparse
import contextlib
import math
import sys
import webbrowser
from pathlib import Path

from imagecrawl.errors import ConfigError
from imagecrawl.jobcommand import JobCommand
from imagecrawl.jobs.again import commands_for
from imagecrawl.jobs.known import find_job
from imagecrawl.report.output import STDOUT, check_output, passes_through
from imagecrawl.report.write import THUMBNAIL_SECS, report_path, write_report

_SECONDS = 60.0
"""Whoever asks for a report by hand would rather wait than not see the images."""


class Command(JobCommand):
    """Exit codes: 0, the report is written; 1, there is no such job, or it cannot be written."""

    def short_desc(self) -> str:
        return "Write a job's report, one HTML file, and say where it is"

    def long_desc(self) -> str:
        return (
            "Write a job's report: one HTML file with totals, hosts, reasons, charts, failures and "
            "thumbnails. Each crawl writes it at its end; it may be written while one runs, too. "
            "Examples: scrapy report --open; "
            "scrapy report --job catalogue --output catalogue.html. "
            "Exit code: 0 it is written, 1 there is no such job or it cannot be written, "
            "2 wrong usage."
        )

    def add_own_options(self, group: argparse._ArgumentGroup) -> None:
        group.add_argument(
            "--output",
            "-o",
            metavar="FILE",
            help="default: report.html in the job's folder; - is standard output",
        )
        group.add_argument(
            "--seconds",
            type=_seconds,
            default=_SECONDS,
            metavar="S",
            help="what the thumbnails may take (default: %(default)g; at a crawl's end "
            f"{THUMBNAIL_SECS:g})",
        )
        group.add_argument("--open", action="store_true", help="show it in the browser")

    def answer(self, opts: argparse.Namespace) -> int:
        assert self.settings is not None
        job = find_job(self.settings, opts.job)
        path = _absolute(opts.output) if opts.output else report_path(job)
        commands = commands_for(job, self.settings)
        through = passes_through(path)
        if through and opts.open:
            check_output(path)
            raise ConfigError(f"--open: {opts.output} leaves no file that could be shown")
        write_report(job, commands, path, thumbnail_secs=opts.seconds)
        if not through:  # its reader wants the report, and nothing else
            print(path)
        if opts.open and not webbrowser.open(path.as_uri()):
            print(
                "imagecrawl: no browser could be started: open the file yourself", file=sys.stderr
            )
        return 0


def _seconds(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 <= (secs := float(text)) < math.inf:
            return secs
    raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")


def _absolute(output: str) -> Path:
    if output == "-":
        return STDOUT
    try:
        return Path(output).expanduser().absolute()
    except RuntimeError as error:  # ~nobody
        raise ConfigError(f"--output {output}: {error}") from None
