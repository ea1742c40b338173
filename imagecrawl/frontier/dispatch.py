"""What is asked for next, and how does an entry end?

The rules between the frontier and Scrapy's engine, without either's machinery: leases, the
verdict on a failure, and the settlement. :mod:`imagecrawl.spidermiddlewares.frontier` connects
them to the crawl.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import replace

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
from imagecrawl.frontier.settlements import leaves_the_picture, settlements
from imagecrawl.meta import ENTRY_KEY
from imagecrawl.outcomes import Kind, Outcome, Reason
from imagecrawl.policies.failures import Failure, Retry
from imagecrawl.policies.health import CONNECTION
from imagecrawl.policies.refusals import is_refusal

_LEASES_BEYOND_DOWNLOADS = 16
"""Leases above CONCURRENT_REQUESTS, so that the downloader is not idle while images are checked
and stored. The two together bound what a kill -9 makes us fetch again."""
_LATELY = 1000
"""How many of the latest connection failures are remembered, for the case of an outage."""
_JUST_BEFORE_SECS = 5.0
"""A network that goes down cuts the bodies that are on their way first."""
_OUTAGE = CONNECTION | {Reason.TRUNCATED.value}
_ELSEWHERE_SECS = 0.1
"""What waits for another host than its own is not the probe, but comes soon after it."""


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
        self._policy = config.retry
        self._capacity = config.concurrent_requests + _LEASES_BEYOND_DOWNLOADS
        self._hosts = hosts
        self._clock = clock
        self._rng = rng
        self._decisions = Decisions(clock, stats)
        self._leases = LeaseBook()
        self._pacing = Pacing(hosts, delay_of, 2 * self._capacity)
        self._lately: deque[tuple[float, int]] = deque(maxlen=_LATELY)
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
        self._refund()
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
        lease = Lease(entry, request.errback, _max_retry_times(request))
        original = self.frontier.original(entry)
        if original is not None:
            until, ending = original.awaited_until(now), original.ending()
            if until is not None:
                self.frontier.defer(entry, until)
                return False
            if ending is not None:
                self.frontier.settle(entry, ending, [], now)
                self._decisions.ended(entry, ending)
                return False
            original.mark(request)
        self._leases.open(lease)
        self._hosts.leased(entry.host)
        self._pacing.leased(entry.host, now)
        return True

    def _refund(self) -> None:
        """Give back what an outage of the network, or a ban, has cost until it was noticed: in
        attempts, and in verdicts on entries that were none."""
        since = self._hosts.take_outage()
        if since is not None:
            began = since - _JUST_BEFORE_SECS
            self.frontier.refund({entry for at, entry in self._lately if at >= began})
            self._lately.clear()
        again = self._hosts.bans.take_again()
        if again:
            reopened = self.frontier.reopen(again)
            self._decisions.reopened(reopened)

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
        if not lease.answered:
            lease.answered = True
            self._hosts.unleased(lease.entry.host)

    def add_child(self, lease: Lease, request: Request) -> None:
        """Keep a Request that the callback yielded until the entry is settled."""
        lease.children.append(self._intake.entry(request, lease.entry, len(lease.children)))

    def retry(self, lease: Lease, failure: Failure, host: str | None = None) -> bool:
        """Postpone the entry if *failure* may pass and attempts are left, else return False.

        *host* is the one that failed, where it is not the entry's own (after a redirect).
        """
        self.answered(lease)
        host = host or lease.entry.host
        if failure.reason == Reason.HOST_PAUSED.value:
            self._put_off(lease, host)
            return True
        cut_off = self._hosts.outages.active and failure.reason in _OUTAGE
        if cut_off and not self._hosts.suspects(host, lease.entry.id):
            self.give_back(lease)
            return True
        if self._hosts.is_gone(host, failure.reason):
            failure = replace(failure, counted=False)
        if self._hosts.bans.pardons(lease.entry.id) and is_refusal(failure.reason):
            self._pardon(lease, host, failure)
            return True
        now, entry = self._clock(), lease.entry
        attempt = entry.attempts + 1
        wait = self._policy.next_wait(
            failure, attempt if failure.counted else 1, self._rng, lease.max_retry_times
        )
        if wait is None:
            return False
        paused = self._hosts.paused_until(host) - now
        if paused > 0 and self._hosts.counts(failure.reason):
            wait = paused  # the host's pause is the wait: what it asked for, or our own
        self._decisions.postponed(entry, host, attempt, failure, wait)
        self._leases.close(lease)
        if not failure.counted:
            self.frontier.defer(entry, now + wait)
            return True
        self.frontier.postpone(entry, now + wait, failure.reason, failure.detail)
        if failure.reason in _OUTAGE:
            self._lately.append((now, entry.id))
        return True

    def _pardon(self, lease: Lease, host: str, failure: Failure) -> None:
        """Postpone what *host* has refused with everything else. The first time counts: it tells
        that the entry is not the one to find out with how the host is."""
        now, entry = self._clock(), lease.entry
        due = max(now, self._hosts.paused_until(host)) + _ELSEWHERE_SECS
        self._decisions.postponed(entry, host, entry.attempts + 1, failure, due - now)
        self._leases.close(lease)
        if entry.attempts:
            self.frontier.defer(entry, due)
        else:
            self.frontier.postpone(entry, due, failure.reason, failure.detail)

    def judged(self, failure: Failure, host: str) -> Failure:
        """Return *failure* as what it is for an entry: final, if *host* is given up by now."""
        if failure.retry is Retry.NO or not self._hosts.counts(failure.reason):
            return failure
        if not self._hosts.given_up(host):
            return failure
        detail = f"{self._hosts.why_given_up(host)}, {failure.detail}"
        return Failure(Reason.HOST_DOWN.value, detail)

    def _put_off(self, lease: Lease, host: str) -> None:
        """Give back what was not sent, for its host is paused."""
        if host == lease.entry.host:
            self.give_back(lease)
            return
        until = max(self._clock(), self._hosts.paused_until(host))
        self.frontier.defer(lease.entry, until + _ELSEWHERE_SECS)
        self._leases.close(lease)

    def give_back(self, lease: Lease) -> None:
        """End the lease as if it had not been."""
        self.answered(lease)
        self.frontier.release(lease.entry)
        self._leases.close(lease)

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
            self.give_back(lease)
            return
        if lease.failure is not None and self.retry(lease, lease.failure):
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


def _max_retry_times(request: Request) -> int | None:
    if request.meta.get("dont_retry"):
        return 0
    times: int | None = request.meta.get("max_retry_times")
    return times
