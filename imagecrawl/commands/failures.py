"""``scrapy failures``: what a job could not get, why, and how to run it again."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any, ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from imagecrawl.defaults import VALUES
from imagecrawl.errors import ImagecrawlError
from imagecrawl.frontier.again import again
from imagecrawl.frontier.jobs import KnownJob, find_job
from imagecrawl.outcomes import chosen_reasons
from imagecrawl.text import printable


class Command(ScrapyCommand):
    """Exit codes: 0, the list is complete (it may be empty); 1, there is no such job."""

    requires_project = True
    requires_crawler_process = False
    # No crawler, so no add-on that would set them.
    default_settings: ClassVar[dict[str, Any]] = VALUES

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "List what a job could not get, and why"

    def long_desc(self) -> str:
        return (
            "List what a job could not get: reason, attempts, address, last message. Examples: "
            "scrapy failures; scrapy failures --job catalogue --reason reset,host_down; "
            "scrapy failures --urls > again.txt. It may be used while the job runs. "
            "Exit code: 0 the list is complete (it may be empty), 1 there is no such job."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        group = parser.add_argument_group(title="Failures")
        group.add_argument("--job", metavar="NAME", help="default: the job last worked on")
        group.add_argument("--reason", metavar="REASON,...", help="only these (default: all)")
        form = group.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help="a JSON object a line")
        form.add_argument("--urls", action="store_true", help="an address a line")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError(f"there is no argument {args[0]!r}: name a job with --job")
        assert self.settings is not None
        try:
            reasons = chosen_reasons(opts.reason) if opts.reason is not None else None
            job = find_job(self.settings, opts.job)
            ledger = job.ledger()
        except (ImagecrawlError, ValueError) as error:
            print(f"imagecrawl: error: {error}", file=sys.stderr)
            self.exitcode = 1
            return
        try:
            self._show(job, ledger.failures(reasons), opts, reasons)
            sys.stdout.flush()
        except BrokenPipeError:  # `| head`: enough has been seen
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        finally:
            ledger.close()

    def _show(
        self,
        job: KnownJob,
        failures: Iterable[Mapping[str, Any]],
        opts: argparse.Namespace,
        reasons: Collection[str] | None,
    ) -> None:
        counts: Counter[str] = Counter()
        for one in failures:
            counts[one["reason"]] += 1
            if opts.json:
                print(json.dumps(one))
            elif opts.urls:
                print(printable(one["url"]))
            else:
                line = f"{one['reason']:<14} {one['attempts']:>3}  {one['url']}  {one['message']}"
                print(printable(line))
        if opts.json or opts.urls:
            return
        if not counts:
            print(f"job {job.name}: no failures")
            return
        each = ", ".join(f"{reason} {count}" for reason, count in counts.most_common())
        print(f"\njob {job.name}: {counts.total()} failed ({each}). To run them again:")
        assert self.settings is not None
        print(again(job, self.settings, ",".join(sorted(reasons)) if reasons else "all"))
