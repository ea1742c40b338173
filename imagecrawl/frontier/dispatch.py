"""What is asked for next, and how does an entry end?

The rules between the frontier and Scrapy's engine, without either's machinery: leases and
settlements; what of an attempt that failed is in :mod:`imagecrawl.frontier.retries`.
:mod:`imagecrawl.spidermiddlewares.frontier` connects them to the crawl.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from scrapy import Request
from scrapy.statscollectors import StatsCollector

from imagecrawl.config import Config
from imagecrawl.frontier.contract import Frontier
from imagecrawl.frontier.decisions import Decisions
from imagecrawl.frontier.entry import Entry, Settlement
from imagecrawl.frontier.hosts import Hosts
from imagecrawl.frontier.intake import Intake
from imagecrawl.frontier.leases import Lease, LeaseBook
from imagecrawl.frontier.pacing import Pacing
from imagecrawl.frontier.retries import Retries
from imagecrawl.frontier.settlements import leaves_the_picture, settlements
from imagecrawl.meta import ENTRY_KEY
from imagecrawl.outcomes import Kind, Outcome, Reason
from imagecrawl.policies.failures import Failure
from imagecrawl.policies.retry import own_times

_LEASES_BEYOND_DOWNLOADS = 16
"""Leases above CONCURRENT_REQUESTS, so that the downloader is not idle while images are checked
and stored. The two together bound what a kill -9 makes us fetch again."""


class Dispatcher:
    """Leases entries as Requests, and settles or postpones them."""

    def __init__(
        self,
        frontier: Frontier,
        hosts: Hosts,
        intake: Intake,
        config: Config,
        stats: StatsCollector,
        delay_of: Callable[[str], float],
        clock: Callable[[], float],
        rng: random.Random,
    ) -> None:
        self.frontier = frontier
        self._intake = intake
        self._capacity = config.concurrent_requests + _LEASES_BEYOND_DOWNLOADS
        self._hosts = hosts
        self._clock = clock
        self._decisions = Decisions(clock, stats)
        self._leases = LeaseBook(hosts)
        self.retries = Retries(
            frontier, hosts, self._leases, config.retry, self._decisions, clock, rng
        )
        self._pacing = Pacing(hosts, delay_of, 2 * self._capacity)
        # Another process wrote when they are due: its clock may have been wrong.
        frontier.cap_waits(clock() + config.longest_wait_secs)

    # --- out of the frontier ---------------------------------------------------------------

    def lease(self) -> list[Request]:
        """Return the Requests that may be sent now.

        Raises :exc:`imagecrawl.errors.EncodeError` for an entry that the spider, which has changed,
        cannot make a Request of: then nothing has been leased.
        """
        while True:
            entries, requests = self._lease_some()
            # What has ended, or waits again, has made room for others.
            if requests or not entries:
                return requests

    def _lease_some(self) -> tuple[list[Entry], list[Request]]:
        now = self._clock()
        self.retries.refund()
        limit = self._hosts.limit(self._capacity - len(self._leases))
        room = self._pacing.begin(now)
        entries = self.frontier.lease(limit, now, room, self._hosts.probing)
        try:
            requests = [self._intake.request(entry) for entry in entries]
        except Exception:
            for entry in entries:
                self.frontier.release(entry)
            raise
        pairs = zip(entries, requests, strict=True)
        sent = [one for entry, one in pairs if self._is_to_be_sent(entry, one, now)]
        return entries, sent

    def _is_to_be_sent(self, entry: Entry, request: Request, now: float) -> bool:
        """Open the lease, unless the image of a later item is not had yet, or not to be had."""
        lease = Lease(entry, request.errback, own_times(request.meta))
        original = self.frontier.original(entry)
        if original is not None:
            until, ending = original.awaited_until(now), original.ending()
            if until is not None:
                self.frontier.defer(entry, until)
                return False
            if ending is not None:
                self.frontier.settle(entry, ending, self._next_size(entry, ending), now)
                self._decisions.ended(entry, ending)
                return False
            original.mark(request)
        self._leases.open(lease)
        self._pacing.leased(entry.host, now)
        return True

    @property
    def full(self) -> bool:
        """Whether there is no lease left to give."""
        return len(self._leases) >= self._capacity

    @property
    def in_work(self) -> int:
        return len(self._leases)

    def ask_at_the_end(self) -> bool:
        """When nothing is left: return whether a host is to be asked if it refuses everything."""
        return self._hosts.bans.ask_at_the_end()

    def next_wake(self) -> float | None:
        """Return the Unix time at which there may be something to lease that is not yet due."""
        times = (self.frontier.next_due(), self._pacing.until, self._hosts.outages.next_probe())
        return min((time for time in times if time is not None), default=None)

    def lease_of(self, request: Request | None) -> Lease | None:
        """Return the lease that *request* (or a redirect of it) belongs to."""
        return self.lease_by_id(request.meta.get(ENTRY_KEY)) if request is not None else None

    def lease_by_id(self, entry_id: object) -> Lease | None:
        """Return the lease of the entry *entry_id*."""
        return self._leases.get(entry_id)

    # --- back into it ----------------------------------------------------------------------

    def answered(self, lease: Lease) -> None:
        """Note that the download is over."""
        self._leases.answered(lease)

    def add_child(self, lease: Lease, request: Request) -> None:
        """Keep a Request that the callback yielded until the entry is settled."""
        lease.children.append(self._intake.entry(request, lease.entry, len(lease.children)))

    def give_up_lost(self) -> int:
        """Settle all leases whose requests some component has swallowed; return how many."""
        lost = self._leases.all()
        for lease in lost:
            lease.failure = Failure(Reason.SWALLOWED.value, "a component dropped the request")
            lease.finished, lease.items = True, 0
            self.finish(lease)
        return len(lost)

    def finish(self, lease: Lease) -> None:
        """Settle the entry if everything it produced is done."""
        if not lease.done:
            return
        if lease.kept:
            self.retries.give_back(lease)
            return
        if lease.failure is not None and self.retries.retry(lease, lease.failure):
            return
        self.answered(lease)
        settlement, *images = settlements(lease)
        settlement = self._replaced(lease, settlement)
        if lease.failure is not None and not lease.failure.counted:
            lease.entry.attempts -= 1  # settling counts one
        self.frontier.settle(lease.entry, settlement, lease.children, self._clock(), images)
        self._leases.close(lease)
        self._decisions.ended(lease.entry, settlement)
        for image in images:
            self._decisions.count(Kind.IMAGE, image.outcome)

    def _next_size(self, entry: Entry, ending: Settlement) -> list[Entry]:
        """Return what a later item follows, whose image has ended as *ending* without it."""
        child = self._intake.next_size(entry) if ending.reason == Reason.REPLACED.value else None
        return [child] if child is not None else []

    def _replaced(self, lease: Lease, settlement: Settlement) -> Settlement:
        """Have the next size of a picture asked for in place of one that is not to be had."""
        if lease.entry.kind is not Kind.IMAGE or not leaves_the_picture(settlement):
            return settlement
        child = self._intake.next_size(lease.entry)
        if child is None:
            return settlement
        lease.children.append(child)
        message = f"{settlement.reason}: {settlement.message}; the next size is {child.url}"
        return Settlement(Outcome.FILTERED, Reason.REPLACED.value, message)
