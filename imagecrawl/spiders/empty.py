"""Which start pages have nothing on them? A crawl that finds nothing should not end in silence."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import Any

from scrapy.http import Response

from imagecrawl.logs.ration import Ration

logger = logging.getLogger(__name__)

_TOLD = 10


class EmptyPages:
    """Tells of the first few start pages that nothing was found on."""

    def __init__(self) -> None:
        self._ration = Ration(_TOLD)

    def told(self, response: Response, found: Iterator[Any]) -> Iterator[Any]:
        """Yield what was *found* on *response*, and tell if in the end that is nothing."""
        if response.meta.get("depth"):
            yield from found
            return
        nothing = True
        for one in found:
            nothing = False
            yield one
        if nothing:
            kind = (response.headers.get("Content-Type") or b"no Content-Type").decode("latin-1")
            told = self._ration.take(time.time(), logging.WARNING)
            logger.log(
                told.level,
                "nothing is found on %s (%s): is it made by scripts, or does it want a log-in?%s",
                *(response.url, kind, told.tail),
            )
