"""How is a line kept from giving orders to a terminal? Servers have a say in what is logged.

Scrapy's own lines, those of other packages and tracebacks quote headers and addresses as they
came: so it is done where lines are written, not where they are made.
"""

from __future__ import annotations

import copy
import logging

from imagecrawl.text import harmless


class HarmlessFormatter(logging.Formatter):
    """The formatter *inner*, with everything escaped that it did not write itself: its colours
    stay, those in a message do not."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        told = copy.copy(record)  # other handlers write it in their own way
        told.msg, told.args = harmless(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            told.exc_text = self._inner.formatException(record.exc_info)
        if told.exc_text:
            told.exc_text = harmless(told.exc_text)
        if told.stack_info:
            told.stack_info = harmless(told.stack_info)
        return self._inner.format(told)
