"""What is asked for next, and how does an entry end?

The rules between the frontier and Scrapy's engine, without either's machinery: leases, the
verdict on a failure, and the settlement. :mod:`imagecrawl.spidermiddlewares.frontier` connects
them to the crawl.
"""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Callable

import msgspec
from scrapy import Request
from scrapy.statscollectors import StatsCollector

from imagecrawl.config import Config
from imagecrawl.errors import EncodeError
from imagecrawl.frontier.contract import Frontier
from imagecrawl.frontier.entry import Settlement
from imagecrawl.frontier.intake import ENTRY_KEY, Intake
from imagecrawl.frontier.leases import Lease, LeaseBook
from imagecrawl.items import ImageRecord
from imagecrawl.outcomes import Kind, Outcome, Reason
from imagecrawl.policies.failures import Failure
from imagecrawl.policies.windows import HostWindows

logger = logging.getLogger(__name__)

_LEASES_BEYOND_DOWNLOADS = 16
"""Leases above CONCURRENT_REQUESTS, so that the downloader is not idle while images are checked
and stored. The two together bound what a kill -9 makes us fetch again."""
_SLOW_HOST_DELAY_SECS = 1.0
"""From this delay on a host's requests wait here, and not in the downloader, where they would
take up the places of other hosts."""

# A spider's item may hold anything: what JSON has no word for is written as its text.
_json = msgspec.json.Encoder(enc_hook=str)


class Dispatcher:
    """Leases entries as Requests, and settles or postpones them."""

    def __init__(
        self,
        frontier: Frontier,
        intake: Intake,
        config: Config,
        stats: StatsCollector,
        delay_of: Callable[[str], float],
        clock: Callable[[], float],
        rng: random.Random,
    ) -> None:
        self.frontier = frontier
        self._intake = intake
        self._policy = config.retry
        self._capacity = config.concurrent_requests + _LEASES_BEYOND_DOWNLOADS
        self._windows = HostWindows(config.per_host)
        self._stats = stats
        self._delay_of = delay_of
        self._clock = clock
        self._rng = rng
        self._leases = LeaseBook()
        self._last_lease: dict[str, float] = {}
        self._paced_until: float | None = None

    # --- out of the frontier ---------------------------------------------------------------

    def lease(self) -> list[Request]:
        """Return the Requests that may be sent now."""
        now = self._clock()
        self._paced_until = None
        limit = self._capacity - len(self._leases)
        entries = self.frontier.lease(limit, now, lambda host: self._room(host, now))
        requests = []
        for entry in entries:
            lease = Lease(entry)
            self._leases.open(lease)
            self._windows.started(entry.host)
            self._remember(entry.host, now)
            try:
                request = self._intake.request(entry)
            except EncodeError as error:
                lease.failure = Failure(Reason.SPIDER_ERROR.value, str(error))
                lease.finished = True
                self.finish(lease)
                continue
            lease.errback = request.errback
            lease.max_retry_times = _max_retry_times(request)
            requests.append(request)
        return requests

    def _room(self, host: str, now: float) -> int:
        room = self._windows.room(host)
        delay = self._delay_of(host)
        if delay < _SLOW_HOST_DELAY_SECS:
            return room
        at = self._last_lease.get(host, 0.0) + delay
        if at > now:
            self._paced_until = at if self._paced_until is None else min(at, self._paced_until)
            return 0
        return min(1, room)

    def _remember(self, host: str, now: float) -> None:
        """Note when *host* was asked; of hosts, the latest few are enough."""
        self._last_lease.pop(host, None)
        self._last_lease[host] = now
        if len(self._last_lease) > 2 * self._capacity:
            del self._last_lease[next(iter(self._last_lease))]

    @property
    def full(self) -> bool:
        """Whether there is no lease left to give."""
        return len(self._leases) >= self._capacity

    @property
    def in_work(self) -> int:
        return len(self._leases)

    def next_wake(self) -> float | None:
        """Return the Unix time at which there may be something to lease that is not yet due."""
        times = [time for time in (self.frontier.next_due(), self._paced_until) if time is not None]
        return min(times, default=None)

    def lease_of(self, request: Request | None) -> Lease | None:
        """Return the lease that *request* (or a redirect of it) belongs to."""
        return self.lease_by_id(request.meta.get(ENTRY_KEY)) if request is not None else None

    def lease_by_id(self, entry_id: object) -> Lease | None:
        """Return the lease of the entry *entry_id*."""
        return self._leases.get(entry_id)

    # --- back into it ----------------------------------------------------------------------

    def answered(self, lease: Lease, ok: bool | None) -> None:
        """Note that the download is over, and whether the host answered."""
        if not lease.answered:
            lease.answered = True
            self._windows.finished(lease.entry.host, ok)

    def add_child(self, lease: Lease, request: Request) -> None:
        """Keep a Request that the callback yielded until the entry is settled."""
        lease.children.append(self._intake.entry(request, lease.entry, len(lease.children)))

    def retry(self, lease: Lease, failure: Failure) -> bool:
        """Postpone the entry if *failure* may pass and attempts are left, else return False."""
        self.answered(lease, None)
        entry = lease.entry
        attempt = entry.attempts + 1
        wait = self._policy.next_wait(failure, attempt, self._rng, lease.max_retry_times)
        if wait is None:
            return False
        logger.info(
            "attempt %d of %s failed: %s (%s); next one in %.1f s",
            *(attempt, entry.url, failure.reason, failure.detail, wait),
        )
        self._stats.inc_value(f"imagecrawl/retry/{failure.reason}")
        self.frontier.postpone(entry, self._clock() + wait, failure.reason, failure.detail)
        self._leases.close(lease)
        return True

    def give_back(self, lease: Lease) -> None:
        """End the lease as if it had not been."""
        self.answered(lease, None)
        self.frontier.release(lease.entry)
        self._leases.close(lease)

    def give_up_lost(self) -> int:
        """Settle all leases whose requests some component has swallowed; return how many."""
        lost = self._leases.all()
        for lease in lost:
            lease.failure = Failure(Reason.DROPPED.value, "a component dropped the request")
            lease.finished, lease.items = True, 0
            self.finish(lease)
        return len(lost)

    def finish(self, lease: Lease) -> None:
        """Settle the entry if everything it produced is done."""
        if not lease.done:
            return
        if lease.kept:
            self.give_back(lease)
            return
        if lease.failure is not None and self.retry(lease, lease.failure):
            return
        self.answered(lease, None)
        settlement = _settlement(lease)
        self.frontier.settle(lease.entry, settlement, lease.children, self._clock())
        self._leases.close(lease)
        self._note(lease, settlement)

    def _note(self, lease: Lease, settlement: Settlement) -> None:
        kind = settlement.kind or lease.entry.kind
        outcome = settlement.outcome.value
        self._stats.inc_value(f"imagecrawl/{kind.value}s/{outcome}")
        if settlement.reason is None:
            return
        self._stats.inc_value(f"imagecrawl/{kind.value}s/{outcome}/{settlement.reason}")
        logger.info(
            "%s %s: %s (%s), attempt %d, the last one",
            *(outcome, lease.entry.url, settlement.reason, settlement.message),
            lease.entry.attempts + 1,
        )


def _settlement(lease: Lease) -> Settlement:
    if lease.failure is not None:
        failure = lease.failure
        return Settlement(failure.outcome, failure.reason, failure.detail)
    if lease.record is not None:
        record = _record(lease.record)
        return Settlement(Outcome(lease.record["status"]), record=record, kind=Kind.IMAGE)
    if lease.entry.kind is Kind.IMAGE:
        return Settlement(Outcome.FILTERED, Reason.DROPPED.value, "a pipeline dropped the image")
    return Settlement(Outcome.CRAWLED)


def _record(record: ImageRecord) -> bytes:
    try:
        return _json.encode(record)
    except UnicodeEncodeError:  # half a surrogate pair, from a page's broken script
        text = json.dumps(record, default=str, ensure_ascii=False)
        return text.encode("utf-8", "replace")


def _max_retry_times(request: Request) -> int | None:
    if request.meta.get("dont_retry"):
        return 0
    times: int | None = request.meta.get("max_retry_times")
    return times
