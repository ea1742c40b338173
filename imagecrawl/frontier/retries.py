"""What of an attempt that failed: is its entry tried again, when, and does the attempt count?"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from imagecrawl.frontier.contract import Frontier
from imagecrawl.frontier.decisions import Decisions
from imagecrawl.frontier.hosts import Hosts
from imagecrawl.frontier.leases import Lease, LeaseBook
from imagecrawl.outcomes import Reason
from imagecrawl.policies.failures import Failure, Retry
from imagecrawl.policies.health import CONNECTION
from imagecrawl.policies.refusals import is_refusal
from imagecrawl.policies.retry import RetryPolicy

_LATELY = 1000
"""How many of the latest connection failures are remembered, for the case of an outage."""
_JUST_BEFORE_SECS = 5.0
"""A network that goes down cuts the bodies that are on their way first."""
_OUTAGE = CONNECTION | {Reason.TRUNCATED.value}
_ELSEWHERE_SECS = 0.1
"""What waits for another host than its own is not the probe, but comes soon after it."""


class Retries:
    """Puts entries back into the frontier: postponed, or as if they had not been leased."""

    def __init__(
        self,
        frontier: Frontier,
        hosts: Hosts,
        leases: LeaseBook,
        policy: RetryPolicy,
        decisions: Decisions,
        clock: Callable[[], float],
        rng: random.Random,
    ) -> None:
        self._frontier = frontier
        self._hosts = hosts
        self._leases = leases
        self._policy = policy
        self._decisions = decisions
        self._clock = clock
        self._rng = rng
        self._lately: deque[tuple[float, int]] = deque(maxlen=_LATELY)

    def retry(self, lease: Lease, failure: Failure, host: str | None = None) -> bool:
        """Postpone the entry if *failure* may pass and attempts are left, else return False.

        *host* is the one that failed, where it is not the entry's own (after a redirect).
        """
        self._leases.answered(lease)
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
            self._frontier.defer(entry, now + wait)
            return True
        self._frontier.postpone(entry, now + wait, failure.reason, failure.detail)
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
            self._frontier.defer(entry, due)
        else:
            self._frontier.postpone(entry, due, failure.reason, failure.detail)

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
        self._frontier.defer(lease.entry, until + _ELSEWHERE_SECS)
        self._leases.close(lease)

    def give_back(self, lease: Lease) -> None:
        """End the lease as if it had not been."""
        self._leases.answered(lease)
        self._frontier.release(lease.entry)
        self._leases.close(lease)

    def refund(self) -> None:
        """Give back what an outage of the network, or a ban, has cost until it was noticed: in
        attempts, and in verdicts on entries that were none."""
        since = self._hosts.take_outage()
        if since is not None:
            began = since - _JUST_BEFORE_SECS
            self._frontier.refund({entry for at, entry in self._lately if at >= began})
            self._lately.clear()
        again = self._hosts.bans.take_again()
        if again:
            reopened = self._frontier.reopen(again)
            self._decisions.reopened(reopened)
