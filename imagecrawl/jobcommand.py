"""What have the commands that look at jobs in common?

It is not in ``commands/``: Scrapy takes each class of commands that it finds there for one.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Callable
from typing import Any, ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from imagecrawl.defaults import VALUES
from imagecrawl.errors import ImagecrawlError


class JobCommand(ScrapyCommand):
    """A command with options only, which answers, or says in one line why it cannot."""

    requires_project = True
    requires_crawler_process = False
    # No crawler, so no add-on that would set them.
    default_settings: ClassVar[dict[str, Any]] = VALUES
    names_a_job = "--job"
    """The option that an argument may have been meant for."""

    def syntax(self) -> str:
        return "[options]"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        group = parser.add_argument_group(title=type(self).__module__.rpartition(".")[2].title())
        if self.names_a_job == "--job":
            group.add_argument("--job", metavar="NAME", help="default: the job last worked on")
        self.add_own_options(group)

    def add_own_options(self, group: argparse._ArgumentGroup) -> None:
        """Add what only this command has to *group*."""
        raise NotImplementedError

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        for arg in args:
            if arg.startswith("-"):  # Scrapy has argparse pass on what it does not know
                raise UsageError(f"there is no option {arg!r}")
        if args:
            raise UsageError(
                f"there is no argument {args[0]!r}: name a job with {self.names_a_job}"
            )
        self.exitcode = answered(lambda: self.answer(opts))

    def answer(self, opts: argparse.Namespace) -> int:
        """Print the answer, and return the exit code; what it raises becomes one line."""
        raise NotImplementedError


def answered(answer: Callable[[], int]) -> int:
    """Return what *answer* returns. An error becomes one line, and exit code 1; Ctrl-C is 130; a
    reader that has seen enough (``| head``) is none."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = answer()
        print(end="", flush=True)  # to find out here that it cannot be written
        return code
    except BrokenPipeError:
        end_output()
        return 0
    except KeyboardInterrupt:
        _say("interrupted")
        return 130
    except ImagecrawlError as error:
        _say(f"error: {error}")
    except OSError as error:
        end_output()
        file = f"{error.filename}: " if error.filename else ""
        _say(f"error: {file}{error.strerror or error}")
    return 1


def end_output() -> None:
    """Write what is still to be written, or let it not fail a second time when Python ends."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _say(text: str) -> None:
    with contextlib.suppress(OSError):
        print(f"imagecrawl: {text}", file=sys.stderr)
