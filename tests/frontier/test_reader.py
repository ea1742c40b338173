"""How does a start stream get into the frontier?"""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from scrapy import Request, Spider
from scrapy.exceptions import CloseSpider
from scrapy.utils.request import fingerprint

from imagecrawl.frontier.codec import RequestCodec
from imagecrawl.frontier.entry import Cursor, Settlement
from imagecrawl.frontier.intake import Intake
from imagecrawl.frontier.reader import StartReader
from imagecrawl.frontier.sqlite import SqliteFrontier
from imagecrawl.meta import CURSOR_KEY
from imagecrawl.outcomes import Kind, Outcome
from tests.frontier.support import NOW, entries, lease


class Reading:
    """A reader at work, and a way to wait for it."""

    def __init__(self, frontier: SqliteFrontier, start: AsyncIterator[Any], low: int, high: int):
        self.woken = asyncio.Event()
        self.frontier = frontier
        to_entry = Intake(RequestCodec(Spider("s"), {}), fingerprint).entry
        self.reader = StartReader(start, frontier, to_entry, low, high, self.woken.set)

    async def until(self, done: Callable[[], bool], starved: bool = False) -> None:
        while not done():
            self.reader.want(starved=starved)
            await asyncio.wait_for(self.woken.wait(), 20)
            self.woken.clear()

    async def idle(self) -> None:
        """Let it read as far as it likes."""
        for _ in range(1_000):
            await asyncio.sleep(0)


@pytest.fixture
def frontier(tmp_path: Path) -> Iterator[SqliteFrontier]:
    frontier = SqliteFrontier(tmp_path / "frontier.sqlite")
    yield frontier
    frontier.close()


def requests(count: int, name: str = "r") -> list[Request]:
    return [Request(f"http://h/{name}{number}") for number in range(count)]


async def stream(*things: Any) -> AsyncIterator[Any]:
    for thing in things:
        yield thing


def test_everything_gets_in(frontier):
    async def main() -> None:
        reading = Reading(frontier, stream(*requests(350), *requests(20)), 1_000, 10_000)
        await reading.until(lambda: reading.reader.exhausted)
        assert frontier.ready() == 350
        assert reading.reader.error is None

    asyncio.run(main())


def test_a_slow_start_does_not_hold_back_what_came_before(frontier):
    async def main() -> None:
        gate = asyncio.Event()

        async def start() -> AsyncIterator[Any]:
            for request in requests(2):
                yield request
            await gate.wait()
            yield Request("http://h/last")

        reading = Reading(frontier, start(), 1_000, 10_000)
        await reading.until(lambda: frontier.ready() == 2)
        assert not reading.reader.exhausted
        gate.set()
        await reading.until(lambda: reading.reader.exhausted)
        assert frontier.ready() == 3

    asyncio.run(main())


def test_a_start_that_raises_keeps_what_it_had(frontier, caplog):
    async def start() -> AsyncIterator[Any]:
        for request in requests(3):
            yield request
        raise LookupError("the shop is gone")

    async def main() -> None:
        reading = Reading(frontier, start(), 1_000, 10_000)
        await reading.until(lambda: reading.reader.exhausted)
        assert isinstance(reading.reader.error, LookupError)

    asyncio.run(main())
    assert frontier.ready() == 3
    assert "start() failed: the shop is gone" in caplog.text


def test_a_request_that_cannot_be_kept_ends_the_start_with_its_reason(frontier):
    async def main() -> None:
        bad = Request("http://h/bad", meta={"x": object()})
        reading = Reading(frontier, stream(*requests(2), bad), 1_000, 10_000)
        await reading.until(lambda: reading.reader.exhausted)
        assert "meta['x']" in str(reading.reader.error)

    asyncio.run(main())
    assert frontier.ready() == 2


def test_the_cursor_stays_before_a_row_that_cannot_be_kept(frontier):
    """Else a resumed job would pass over it in silence."""

    def row(number: int) -> Request:
        meta: dict[str, Any] = {CURSOR_KEY: Cursor("list", number, "sig")}
        if number == 3:
            meta["x"] = object()
        return Request(f"http://h/{number}", meta=meta)

    async def main() -> None:
        reading = Reading(frontier, stream(*map(row, range(1, 6))), 1_000, 10_000)
        await reading.until(lambda: reading.reader.exhausted)
        assert "meta['x']" in str(reading.reader.error)

    asyncio.run(main())
    assert frontier.ready() == 2
    assert frontier.cursor("list") == Cursor("list", 2, "sig")


def test_a_start_may_close_the_spider(frontier, caplog):
    async def start() -> AsyncIterator[Any]:
        yield requests(1)[0]
        raise CloseSpider("enough")

    async def main() -> None:
        reading = Reading(frontier, start(), 1_000, 10_000)
        await reading.until(lambda: reading.reader.exhausted)
        assert isinstance(reading.reader.error, CloseSpider)

    asyncio.run(main())
    assert frontier.ready() == 1
    assert caplog.text == ""


def test_items_are_handed_on(frontier):
    async def main() -> None:
        items = [{"a": 1}, {"b": 2}]
        reading = Reading(frontier, stream(items[0], *requests(3), items[1]), 1_000, 10_000)
        await reading.until(lambda: reading.reader.exhausted)
        assert list(reading.reader.items) == items

    asyncio.run(main())
    assert frontier.ready() == 3


class Endless:
    """A start stream without an end, which knows how far it was read."""

    def __init__(self) -> None:
        self.read = 0

    async def __call__(self) -> AsyncIterator[Any]:
        for number in itertools.count():
            self.read = number + 1
            yield Request(f"http://h/{number}")


def test_only_a_window_of_the_stream_is_in_the_frontier(frontier):
    async def main() -> None:
        start = Endless()
        reading = Reading(frontier, start(), 150, 450)
        await reading.until(lambda: frontier.ready() >= 150)
        reading.reader.want(starved=False)
        await reading.idle()
        assert frontier.ready() == start.read == 200  # the low mark, and the chunk it fell in
        reading.reader.want(starved=True)
        await reading.idle()
        assert frontier.ready() == start.read == 500
        reading.reader.want(starved=True)
        await reading.idle()
        assert start.read == 500
        for one in lease(frontier, 400):
            frontier.settle(one, Settlement(Outcome.STORED), [], NOW)
        reading.reader.want(starved=False)
        await reading.idle()
        assert start.read == 600
        reading.reader.stop()

    asyncio.run(main())


def test_a_high_mark_below_the_low_one_is_the_low_one_too(frontier):
    async def main() -> None:
        start = Endless()
        reading = Reading(frontier, start(), 1_000, 1)
        reading.reader.want(starved=False)
        await reading.idle()
        assert start.read == 100
        reading.reader.stop()

    asyncio.run(main())


def listed(count: int, source: str = "list.txt") -> Iterator[Request]:
    for line, request in enumerate(requests(count, source), 1):
        request.meta["imagecrawl_cursor"] = Cursor(source, line, "s")
        yield request


def test_the_cursor_is_stored_with_the_last_request_it_stands_for(frontier):
    async def main() -> None:
        async def start() -> AsyncIterator[Any]:
            for request in listed(1_000):
                yield request

        reading = Reading(frontier, start(), 250, 250)
        await reading.until(lambda: frontier.ready() >= 250)
        await reading.idle()
        reading.reader.stop()
        cursor = frontier.cursor("list.txt")
        assert cursor is not None
        assert cursor.line == frontier.ready()
        assert "imagecrawl_cursor" not in lease(frontier, 1)[0].request.decode("latin-1")

    asyncio.run(main())


def test_each_source_has_its_own_cursor(frontier):
    async def main() -> None:
        start = stream(*listed(3, "one"), *listed(4, "two"), *listed(150, "three"))
        reading = Reading(frontier, start, 1_000, 10_000)
        await reading.until(lambda: reading.reader.exhausted)

    asyncio.run(main())
    lines = {"one": 3, "two": 4, "three": 150}
    for source, line in lines.items():
        assert frontier.cursor(source) == Cursor(source, line, "s")
    assert frontier.ready() == 157


def test_an_entry_of_the_spiders_own_making_goes_in_as_it_is(frontier):
    async def main() -> None:
        (bad,) = entries("x", outcome=Outcome.FAILED, reason="invalid_url", message="line 2")
        one, three = itertools.islice(listed(3), 0, 3, 2)
        reading = Reading(frontier, stream(one, bad, three), 1_000, 10_000)
        await reading.until(lambda: reading.reader.exhausted)
        assert frontier.cursor("list.txt") == Cursor("list.txt", 3, "s")

    asyncio.run(main())
    assert frontier.ready() == 2
    assert frontier.counts(Kind.IMAGE).outcomes == {"failed": 1}


def test_a_full_disk_while_reading_is_no_end_of_the_list(frontier):
    """The reader says what stopped it: a list that was not read to its end is not exhausted."""
    (pages,) = frontier._db.connection.execute("PRAGMA page_count").fetchone()
    frontier._db.connection.execute(f"PRAGMA max_page_count = {pages + 2}")

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
        reading = Reading(frontier, stream(*requests(3_000)), 10_000, 10_000)
        reading.reader.want(starved=False)
        await reading.idle()
        reader = reading.reader
        ended_well = reader.exhausted and reader.error is None
        assert reader._task is not None
        reader._task.cancel()
        await asyncio.gather(reader._task, return_exceptions=True)
        assert not ended_well
        assert isinstance(reader.error, sqlite3.Error)

    asyncio.run(main())


def test_requests_that_follow_items_get_into_the_frontier(frontier):
    """An item waits for the engine; what comes behind it must not wait in memory."""

    async def mixed() -> AsyncIterator[Any]:
        for number in range(300):
            yield {"item": number}
            yield Request(f"http://h/{number}")
            await asyncio.sleep(0)

    async def run() -> None:
        reading = Reading(frontier, mixed(), 1_000, 1_000)
        await reading.until(lambda: len(reading.reader.items) >= 50)
        await reading.idle()
        assert frontier.ready() >= len(reading.reader.items) - 1
        reading.reader.stop()

    asyncio.run(run())
