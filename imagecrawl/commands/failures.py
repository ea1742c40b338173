"""``scrapy failures``: what a job could not get, why, and how to run it again."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Collection, Iterable

from scrapy.exceptions import UsageError

from imagecrawl.frontier.ledger import Missing
from imagecrawl.jobcommand import JobCommand
from imagecrawl.jobs.again import again
from imagecrawl.jobs.known import KnownJob, find_job
from imagecrawl.outcomes import Kind, Reason, chosen_reasons
from imagecrawl.text import printable
from imagecrawl.typed import scrapy_command
from imagecrawl.watch.words import counted

_NO_ADDRESS = (Reason.INVALID_URL.value, Reason.UNSUPPORTED_SCHEME.value)


class Command(JobCommand):
    """Exit codes: 0, the list is complete (it may be empty); 1, there is no such job."""

    def short_desc(self) -> str:
        return "List what a job could not get, and why"

    def long_desc(self) -> str:
        return (
            "List what a job could not get: reason, attempts, address, last message. Examples: "
            "scrapy failures; scrapy failures --job catalogue --reason reset,host_down; "
            "scrapy failures --urls > again.txt. It may be used while the job runs. "
            "Exit code: 0 the list is complete (it may be empty), 1 there is no such job, "
            "2 wrong usage."
        )

    def add_own_options(self, group: argparse._ArgumentGroup) -> None:
        group.add_argument("--reason", metavar="REASON,...", help="only these (default: all)")
        form = group.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help="a JSON object a line")
        form.add_argument("--urls", action="store_true", help="the images' addresses, one a line")

    def answer(self, opts: argparse.Namespace) -> int:
        assert self.settings is not None
        try:
            reasons = chosen_reasons(opts.reason) if opts.reason is not None else None
        except ValueError as error:
            raise UsageError(f"argument --reason: {opts.reason!r}: {error}") from None
        job = find_job(self.settings, opts.job)
        with job.ledger() as ledger:
            failures = ledger.failures(reasons)
            if opts.json:
                for one in failures:
                    print(json.dumps(one._asdict()))
            elif opts.urls:
                _print_addresses(failures)
            else:
                self._print_all(job, failures, reasons)
        return 0

    def _print_all(
        self, job: KnownJob, failures: Iterable[Missing], reasons: Collection[str] | None
    ) -> None:
        counts: Counter[str] = Counter()
        for one in failures:
            reason = one.reason or ""
            counts[reason] += 1
            print(printable(f"{reason:<14} {one.attempts:>3}  {one.url}  {one.message or ''}"))
        if not counts:
            print(f"job {job.name}: no failures")
            return
        each = ", ".join(f"{reason} {count}" for reason, count in counts.most_common())
        print(f"\njob {job.name}: {counts.total()} failed ({each}). To run them again:")
        assert self.settings is not None
        print(again(job, self.settings, ",".join(sorted(reasons)) if reasons else "all"))


def _print_addresses(failures: Iterable[Missing]) -> None:
    """Print what may be in a list of images: no pages, and nothing that is no address."""
    left_out = 0
    for one in failures:
        if one.kind == Kind.IMAGE.value and one.reason not in _NO_ADDRESS:
            print(printable(one.url))
        else:
            left_out += 1
    if left_out:
        what = f"{counted(left_out, 'page or line', 'pages or lines')} that are no image's address"
        shows = f"{scrapy_command('failures')} shows them"
        print(f"imagecrawl: left out {what}: {shows}", file=sys.stderr)
