"""How does a spider's start stream get into the frontier, without filling it?"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

from scrapy import Request
from scrapy.exceptions import CloseSpider

from imagecrawl.errors import ImagecrawlError
from imagecrawl.frontier.contract import Frontier
from imagecrawl.frontier.entry import Cursor, Entry
from imagecrawl.meta import CURSOR_KEY

logger = logging.getLogger(__name__)

_CHUNK = 100
"""What is taken at a time; between two chunks the event loop gets its turn."""


class StartReader:
    """Drains the start stream into the frontier as far as it is wanted.

    It reads on while fewer than *low* entries are ready; and, when told that the crawl is
    starved (all that is ready belongs to hosts that are busy), up to *high*. *wake* is called
    whenever there is something new: entries, items, or the end.
    """

    def __init__(
        self,
        start: AsyncIterator[Any],
        frontier: Frontier,
        to_entry: Callable[[Request], Entry],
        low: int,
        high: int,
        wake: Callable[[], None],
    ) -> None:
        self._start = start
        self._frontier = frontier
        self._to_entry = to_entry
        self._low, self._high = min(low, high), high
        self._wake = wake
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._starved = False
        self._flush_due = False
        self._batch: list[Entry] = []
        self._cursor: Cursor | None = None
        self.items: deque[Any] = deque()
        """What start yielded besides Requests: for the engine."""
        self.error: Exception | None = None
        """What start raised; what is in the frontier is crawled to the end all the same."""
        self.exhausted = False

    def want(self, *, starved: bool) -> None:
        """Read on if there is room; called whenever entries have been leased."""
        self._starved = starved
        if self._task is None:
            self._task = asyncio.ensure_future(self._run())
        if self._has_room():
            self._wanted.set()

    def stop(self) -> None:
        """Read no more."""
        if self._task is not None:
            self._task.cancel()

    def _has_room(self) -> bool:
        return self._frontier.ready() < (self._high if self._starved else self._low)

    async def _run(self) -> None:
        try:
            while True:
                for _ in range(_CHUNK):
                    self._take(await anext(self._start))
                await asyncio.sleep(0)
                if not self._has_room() or self.items:
                    self._wanted.clear()
                    await self._wanted.wait()
        except StopAsyncIteration:
            pass
        except CloseSpider as error:
            self.error = error
        except ImagecrawlError as error:  # says all there is to say
            logger.error("%s", error)
            self.error = error
        except Exception as error:
            logger.error("the spider's start() failed: %s", error, exc_info=True)
            self.error = error
        finally:
            self.exhausted = True
            self._flush()

    def _take(self, one: Any) -> None:
        cursor = one.meta.pop(CURSOR_KEY, None) if isinstance(one, Request) else None
        if cursor and self._cursor and cursor.source != self._cursor.source:
            self._flush()  # of each source the last cursor is kept
        if not self._flush_due:
            # Soon: when the chunk is full, or as soon as start() waits for something.
            self._flush_due = True
            asyncio.get_running_loop().call_soon(self._flush)
        if isinstance(one, Request):
            self._batch.append(self._to_entry(one))
            self._cursor = cursor or self._cursor  # not before: what cannot be kept is not passed
        elif isinstance(one, Entry):
            self._batch.append(one)
        else:
            self.items.append(one)

    def _flush(self) -> None:
        self._flush_due = False
        batch, cursor, self._batch, self._cursor = self._batch, self._cursor, [], None
        try:
            if batch:
                self._frontier.enqueue(batch, cursor)
        except Exception as error:
            logger.error("the frontier cannot be written: %s", error)
            self.error = error
            self.stop()
        self._wake()
