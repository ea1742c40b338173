"""``scrapy report``: how a job went, or goes, as one HTML file."""

from __future__ import annotations

import argparse
import sys
import webbrowser
from pathlib import Path
from typing import Any, ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from imagecrawl.defaults import VALUES
from imagecrawl.errors import ImagecrawlError
from imagecrawl.frontier.again import again
from imagecrawl.frontier.jobs import find_job
from imagecrawl.report.write import report_path, write_report


class Command(ScrapyCommand):
    """Exit codes: 0, the report is written; 1, there is no such job, or it cannot be written."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = VALUES

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Write a job's report, one HTML file, and say where it is"

    def long_desc(self) -> str:
        return (
            "Write a job's report: one HTML file with totals, hosts, reasons, charts, failures and "
            "thumbnails. Each crawl writes it at its end; it may be written while one runs, too. "
            "Examples: scrapy report --open; "
            "scrapy report --job catalogue --output catalogue.html. "
            "Exit code: 0 it is written, 1 there is no such job or it cannot be written."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        group = parser.add_argument_group(title="Report")
        group.add_argument("--job", metavar="NAME", help="default: the job last worked on")
        group.add_argument(
            "--output", "-o", metavar="FILE", help="default: report.html in the job's folder"
        )
        group.add_argument("--open", action="store_true", help="show it in the browser")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError(f"there is no argument {args[0]!r}: name a job with --job")
        assert self.settings is not None
        try:
            job = find_job(self.settings, opts.job)
            path = Path(opts.output).expanduser().absolute() if opts.output else report_path(job)
            write_report(job, again(job, self.settings, "all"), path)
        except (ImagecrawlError, KeyError, RuntimeError) as error:
            print(f"imagecrawl: error: {_line(error)}", file=sys.stderr)
            self.exitcode = 1
            return
        print(path)
        if opts.open and not webbrowser.open(path.as_uri()):
            print(
                "imagecrawl: no browser could be started: open the file yourself", file=sys.stderr
            )


def _line(error: Exception) -> str:
    """Return what *error* says; the loader's ``KeyError`` for a spider that is gone, unquoted."""
    return str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
