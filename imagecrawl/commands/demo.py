"""``scrapy demo``: the real spider against a small gallery on a server that misbehaves."""

from __future__ import annotations

import argparse
import functools
import io
import os
import re
import signal
import sys
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.utils.conf import arglist_to_dict

from imagecrawl.demo.faultserver import FaultServer
from imagecrawl.demo.gallery import ALL_RECOVERING, add_gallery
from imagecrawl.demo.play import play
from imagecrawl.errors import ImagecrawlError
from imagecrawl.stores.local import check_writable, store_root

_say = functools.partial(print, flush=True)


class Command(ScrapyCommand):
    """Exit codes: 0, every image that can be had is on disk, byte for byte; 1, the demo could
    not start; 2, something is missing; 130, it was interrupted."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Crawl a gallery on this machine whose server resets, stalls, truncates and limits"

    def long_desc(self) -> str:
        return (
            "Crawl a small gallery on this machine whose server resets, stalls, truncates and "
            "rate-limits on purpose, and compare what has arrived with what it holds. No network "
            "is needed. Examples: scrapy demo; scrapy demo --store /tmp/demo --pages 2. "
            "Exit code: 0 everything is here, 1 it could not start, 2 something is missing or "
            "wrong usage, 130 interrupted."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        group = parser.add_argument_group(title="Demo")
        group.add_argument(
            "--store",
            metavar="DIR",
            default=str(Path("images", "demo")),
            help="folder for the images (default: %(default)s)",
        )
        group.add_argument("--pages", type=_count, default=4, help="default: %(default)s")
        group.add_argument(
            "--per-page", type=_count, default=12, help="images on a page (default: %(default)s)"
        )
        group.add_argument("--verbose", action="store_true", help="show all of the crawl's log")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        if args:
            raise UsageError(f"what is {args[0]!r}? The demo takes options only", print_help=False)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")
        signal.signal(signal.SIGTERM, _terminated)
        try:
            self.exitcode = _demo(opts)
        except KeyboardInterrupt:
            _say("imagecrawl: the demo was interrupted")
            self.exitcode = 130
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            self.exitcode = 1
        except (ImagecrawlError, OSError) as error:
            print(f"imagecrawl: error: the demo cannot run: {error}", file=sys.stderr)
            self.exitcode = 1


def _demo(opts: argparse.Namespace) -> int:
    store = store_root(opts.store)
    check_writable(store)
    with FaultServer() as server:
        urls = add_gallery(server, opts.pages, opts.per_page, ALL_RECOVERING)
        _say(
            f"A gallery of {len(urls)} images at {server.url('/')}, every second of which has "
            "a fault to overcome."
        )
        settings = arglist_to_dict(opts.set)
        report = play(server, urls, store, _say, settings=settings, verbose=opts.verbose)
    for line in report.lines():
        _say(line)
    for problem in report.problems:
        _say(f"problem: {problem}")
    return 2 if report.problems else 0


def _count(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,2}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 999")
    return int(text)


def _terminated(number: int, frame: object) -> None:
    sys.exit(128 + number)  # through the `finally` that ends the crawl
