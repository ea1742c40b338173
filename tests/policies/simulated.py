"""A crawl of one host in simulated time: the real breaker and backoff, a modelled server.

A model is called with each request's URL and time, and tells whether it is answered. What is
modelled of the crawl is what the frontier does: eight requests at once, a failed URL waits for
its backoff or the host's pause, and probes are chosen as :class:`Probe` says.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from imagecrawl.policies.backoff import Backoff
from imagecrawl.policies.breaker import Breaker
from imagecrawl.policies.health import BreakerRules
from imagecrawl.policies.ticket import Phase, Ticket

Model = Callable[[int, float], bool]

RULES = BreakerRules(
    {"http_429": 1, "http_503": 2, "reset": 2},
    Backoff(1.0, 300.0, 0.25),
    give_up_secs=1800.0,
    rounds_unknown=5,
    start_delay_secs=0.1,
    max_delay_secs=30.0,
)
_BACKOFF = Backoff(1.0, 60.0, 0.25)
_TRIES = 11
_AT_ONCE = 8
_STEP_SECS = 0.02
_LONGEST_SECS = 20_000.0


@dataclass
class Outcome:
    """What has come of it."""

    had: int
    sent: int
    refused: int
    secs: float


@dataclass
class Crawl:
    model: Model
    urls: int
    reason: str
    retry_after: float | None = None
    latency: float = 0.05

    def run(self) -> Outcome:
        self.rng, self.now, self.last = random.Random(2), 0.0, -1.0
        self.breaker = Breaker("h", RULES)
        self.attempts: Counter[int] = Counter()
        self.todo = [(0.0, url) for url in range(self.urls)]
        self.flight: list[tuple[float, int, Ticket, int, bool]] = []
        self.result = Outcome(0, 0, 0, 0.0)
        while (self.todo or self.flight) and self.now < _LONGEST_SECS:
            while self.flight and self.flight[0][0] <= self.now:
                self._finish(*heapq.heappop(self.flight)[2:])
            if not self._send():
                self.now += _STEP_SECS
        self.result.secs = self.now
        return self.result

    def _send(self) -> bool:
        due = [url for at, url in self.todo if at <= self.now]
        wait = self.now - self.last < self.breaker.delay()
        if not due or wait or len(self.flight) >= _AT_ONCE:
            return False
        url = self._choose(due)
        ticket = self.breaker.enter(self.now, url, self.attempts[url])
        if ticket is None:
            return False
        self.todo = [one for one in self.todo if one[1] != url]
        self.result.sent += 1
        self.last = self.now
        answered = self.model(url, self.now)
        arrival = self.now + self.latency
        heapq.heappush(self.flight, (arrival, ticket.number, ticket, url, answered))
        return True

    def _choose(self, due: list[int]) -> int:
        if self.breaker.phase(self.now) is Phase.CLOSED:
            return due[0]
        fresh = [url for url in due if not self.attempts[url]]
        failed = sorted(
            (url for url in due if 1 <= self.attempts[url] <= 2),
            key=lambda url: (-self.attempts[url], url),
        )
        order = (fresh, failed) if self.breaker.fresh_probe else (failed, fresh)
        return [*order[0], *order[1], *due][0]

    def _finish(self, ticket: Ticket, url: int, answered: bool) -> None:
        if answered:
            self.breaker.begun()
            self.breaker.answered(ticket, self.now)
            self.result.had += 1
        else:
            self.result.refused += 1
            self.breaker.failed(ticket, self.reason, self.now, self.rng, self.retry_after)
            self._postpone(url)
        self.breaker.leave(ticket)

    def _postpone(self, url: int) -> None:
        self.attempts[url] += 1
        if self.attempts[url] == _TRIES:
            return
        until = self.now + _BACKOFF.wait(self.attempts[url], self.rng)
        if self.breaker.health.paused_until > self.now:
            until = self.breaker.health.paused_until
        self.todo.append((until, url))
        self.todo.sort()


# --- servers that limit ----------------------------------------------------------------------


def limiter(rate: float, burst: float, ban_secs: float = 0.0) -> Model:
    """A token bucket: *rate* requests a second, *burst* at once; then perhaps a ban."""
    tokens, last, banned_until = burst, 0.0, -1.0

    def answers(url: int, now: float) -> bool:
        nonlocal tokens, last, banned_until
        if now < banned_until:
            return False
        tokens, last = min(burst, tokens + (now - last) * rate), now
        if tokens >= 1:
            tokens -= 1
            return True
        banned_until = now + ban_secs
        return False

    return answers


def window(requests: int, secs: float) -> Model:
    """So many requests in each window of so many seconds."""
    counts: Counter[int] = Counter()

    def answers(url: int, now: float) -> bool:
        counts[int(now / secs)] += 1
        return counts[int(now / secs)] <= requests

    return answers


def at_once(most: int, latency: float) -> Model:
    """So many requests at the same time."""
    ends: list[float] = []

    def answers(url: int, now: float) -> bool:
        ends[:] = [end for end in ends if end > now]
        if len(ends) >= most:
            return False
        ends.append(now + latency)
        return True

    return answers


# --- servers that fail whatever the speed ----------------------------------------------------


def first_attempts(share: float, times: int = 1) -> Model:
    """A share of the URLs fails, so many times each."""
    rng = random.Random(3)
    left: dict[int, int] = {}

    def answers(url: int, now: float) -> bool:
        left.setdefault(url, times if rng.random() < share else 0)
        left[url] -= 1
        return left[url] < 0

    return answers


def at_random(share: float) -> Model:
    """A share of the requests fails."""
    rng = random.Random(3)
    return lambda url, now: rng.random() >= share


def for_ever(share: float) -> Model:
    """A share of the URLs fails always."""
    return lambda url, now: random.Random(url).random() >= share
