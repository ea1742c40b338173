"""How is the progress of a crawl shown: as a display, in the log, or not at all?"""

from __future__ import annotations

import sys
from enum import Enum
from typing import IO

from scrapy.settings import BaseSettings

from imagecrawl.errors import ConfigError
from imagecrawl.watch.console import console_on


class Progress(Enum):
    """The values of ``IMAGECRAWL_PROGRESS``."""

    AUTO = "auto"
    """A display on a terminal, else lines in the log."""
    BAR = "bar"
    """The same: without a terminal there is no display."""
    LOG = "log"
    """A line in the log every ``LOGSTATS_INTERVAL`` seconds, on a terminal too."""
    OFF = "off"

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Progress:
        """Read the setting; raise :exc:`ConfigError` for a value that is none."""
        value = settings.get("IMAGECRAWL_PROGRESS")
        try:
            return cls(str(value).strip().lower())
        except ValueError:
            raise ConfigError(
                f"IMAGECRAWL_PROGRESS={value!r} is not one of auto, bar, log, off"
            ) from None

    def on(self, stream: IO[str], settings: BaseSettings) -> Progress:
        """Return what is done where *stream* is standard error: ``BAR``, ``LOG`` or ``OFF``."""
        if self in (Progress.LOG, Progress.OFF):
            return self
        shown = is_terminal(stream) and not feeds_a_terminal(settings)
        return Progress.BAR if shown else Progress.LOG


def is_terminal(stream: IO[str]) -> bool:
    """Tell whether *stream* is a terminal on which lines can be replaced."""
    return stream.isatty() and console_on(stream).is_interactive


def feeds_a_terminal(settings: BaseSettings) -> bool:
    """Tell whether a feed (``-O -:jsonl``) is written to where the display would be."""
    feeds = map(str, settings.getdict("FEEDS"))
    return sys.stdout.isatty() and any(uri == "-" or uri.startswith("stdout:") for uri in feeds)
