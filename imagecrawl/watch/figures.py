"""How does the crawl stand? All that is shown of it while it runs, read without counting rows."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from scrapy.statscollectors import StatsCollector

from imagecrawl.jobs.job import Job
from imagecrawl.outcomes import Kind, Outcome
from imagecrawl.watch.rate import Rate

_WITHOUT_AN_IMAGE = (Outcome.DUPLICATE, Outcome.FILTERED, Outcome.OPTED_OUT)
_LEFT_WINDOW_SECS = 60.0
"""The time left is guessed from the last minute: it should not jump."""

_STILL_SECS = 10.0
"""Where nothing has ended for so long there is no guess."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One look at a crawl. The counts are those of the job, of all its runs together."""

    discovered: int
    stored: int
    failed: int
    other: int
    """Duplicates, filtered and opted out: done with, and no image of their own."""
    waiting: int
    """Images not done with: those that wait for a retry and those in work included."""
    pages_waiting: int
    retries_due: int
    """How many entries wait for the time of their next attempt."""
    next_retry_secs: float | None
    paused: tuple[tuple[str, float], ...]
    """The paused hosts with the seconds left, the soonest first."""
    total: int | None
    """How many images there will be, if that is known."""
    images_per_sec: float
    """Images that have ended, however: stored, duplicates, filtered, failed."""
    bytes_per_sec: float
    secs_left: float | None

    @property
    def done(self) -> int:
        return self.discovered - self.waiting


class Meter:
    """Takes the figures of a crawl; the rates are those since *window_secs* ago.

    *rows* returns how many rows of the input have been read, and how many there are; ``None`` if
    that is not known.
    """

    def __init__(
        self,
        job: Job,
        stats: StatsCollector,
        window_secs: float,
        rows: Callable[[], tuple[int, int] | None] = lambda: None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._job = job
        self._stats = stats
        self._rows = rows
        self._clock = clock
        self._monotonic = monotonic
        self._images = Rate(window_secs)
        self._bytes = Rate(window_secs)
        self._done = Rate(max(window_secs, _LEFT_WINDOW_SECS))
        self._of_late = Rate(_STILL_SECS)

    def read(self) -> Figures:
        """Return how it stands now."""
        frontier, now = self._job.frontier, self._clock()
        tally = frontier.tally()
        outcomes, waiting = tally.outcomes(Kind.IMAGE), tally.pending(Kind.IMAGE)
        discovered, pages = tally.discovered(Kind.IMAGE), tally.pending(Kind.PAGE)
        self._note(discovered - waiting)
        total = self._total(discovered, pages)
        due = frontier.next_retry()
        next_retry = max(0.0, due - now) if due is not None else None
        paused = sorted((until - now, host) for host, until in frontier.host_table.paused().items())
        soonest = max([next_retry or 0.0, *(left for left, _ in paused)])
        return Figures(
            discovered=discovered,
            stored=outcomes[Outcome.STORED],
            failed=outcomes[Outcome.FAILED],
            other=sum(outcomes[one] for one in _WITHOUT_AN_IMAGE),
            waiting=waiting,
            pages_waiting=pages,
            retries_due=frontier.waiting(),
            next_retry_secs=next_retry,
            paused=tuple((host, left) for left, host in paused if left > 0),
            total=total,
            images_per_sec=self._images.per_sec(),
            bytes_per_sec=self._bytes.per_sec(),
            secs_left=self._secs_left(total, discovered - waiting, soonest),
        )

    def _note(self, done: int) -> None:
        at = self._monotonic()
        self._images.note(at, done)
        self._of_late.note(at, done)
        self._bytes.note(at, self._stats.get_value("imagecrawl/bytes", 0))
        self._done.note(at, done)

    def _total(self, discovered: int, pages_pending: int) -> int | None:
        if self._job.input_read:
            return discovered if not pages_pending else None
        rows = self._rows()
        if rows is None or not rows[0]:
            return None
        # Of the rows read some were named before, or are for other nodes: so will others be.
        read, there = rows
        return discovered + round((there - read) * discovered / read)

    def _secs_left(self, total: int | None, done: int, at_least: float) -> float | None:
        speed = self._done.per_sec()
        if total is None or not (speed > 0 and self._of_late.per_sec() > 0):
            return None
        # When those come that wait for a retry does not depend on how fast the others came.
        if self._job.frontier.waiting() >= total - done > 0:
            return None
        return max(at_least, (total - done) / speed)
