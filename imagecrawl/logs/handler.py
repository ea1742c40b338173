"""How is the log written? What is done to the handler that Scrapy makes."""

from __future__ import annotations

import logging

from scrapy.settings import BaseSettings
from scrapy.utils.log import get_scrapy_root_handler
from twisted.logger import globalLogBeginner

from imagecrawl import scrapy_internals
from imagecrawl.logs.brief import Brief
from imagecrawl.logs.harmless import HarmlessFormatter
from imagecrawl.logs.json_lines import JsonFormatter


def prepare_logs(settings: BaseSettings) -> None:
    """Let Scrapy write the log as *settings* say: by the handler that is there, and by those to
    come (Scrapy makes another for each crawl)."""
    scrapy_internals.prepare_log_handlers(_prepare)
    handler = get_scrapy_root_handler()
    if handler is not None:
        _prepare(handler, settings)


def begin_logs(settings: BaseSettings) -> None:
    """The same, for a command: before the first line, and for a process of our own."""
    prepare_logs(settings)
    # Until somebody begins Twisted's log, it writes each error that nobody has handled to standard
    # error itself; Scrapy listens without beginning, so that it would be there twice.
    globalLogBeginner.beginLoggingTo([], discardBuffer=True, redirectStandardIO=False)


def _prepare(handler: logging.Handler, settings: BaseSettings) -> None:
    formatter = handler.formatter
    if settings.getbool("IMAGECRAWL_LOG_JSON"):
        handler.setFormatter(JsonFormatter())
    elif formatter is not None and not isinstance(formatter, (HarmlessFormatter, JsonFormatter)):
        handler.setFormatter(HarmlessFormatter(formatter))
    if settings.getbool("IMAGECRAWL_LOG_BRIEF") and not any(
        isinstance(one, Brief) for one in handler.filters
    ):
        dump = _asks_for_stats(settings) or not _is_terminal(handler)
        handler.addFilter(Brief(handler, dump=dump))


def _is_terminal(handler: logging.Handler) -> bool:
    """Tell whether the stats, a screenful, would be the last thing on a screen."""
    stream = getattr(handler, "stream", None)
    return stream is not None and stream.isatty()


def _asks_for_stats(settings: BaseSettings) -> bool:
    """Tell whether ``STATS_DUMP`` is the user's word, and not Scrapy's default."""
    return bool(settings.getpriority("STATS_DUMP")) and settings.getbool("STATS_DUMP")
