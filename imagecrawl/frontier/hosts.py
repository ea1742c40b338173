"""How is each host, and may it be asked now?

The breakers of all hosts and the outage detector, joined to the frontier, which keeps on disk
what a restart must honour. The download handler asks :meth:`Hosts.enter` at the last moment
before sending, and reports what came of it; the dispatcher leases no more than
:meth:`Hosts.room`.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from imagecrawl.config import HostConfig
from imagecrawl.frontier.bans import Bans
from imagecrawl.frontier.breakers import Breakers
from imagecrawl.frontier.contract import HostTable
from imagecrawl.frontier.entry import Probe
from imagecrawl.frontier.outages import Outages
from imagecrawl.policies.breaker import Breaker
from imagecrawl.policies.health import GONE
from imagecrawl.policies.ticket import Phase, Ticket


class Hosts:
    """All that is known of the hosts of a job."""

    def __init__(
        self,
        table: HostTable,
        config: HostConfig,
        clock: Callable[[], float],
        rng: random.Random,
        count: Callable[[str], None] = lambda stat: None,
        given_before: Callable[[str], str | None] = lambda host: None,
    ) -> None:
        self._table = table
        self._config = config
        self._clock = clock
        self._rng = rng
        self._count = count
        self._leased: Counter[str] = Counter()
        self._breakers = Breakers(table, config, clock, count)
        self.bans = Bans(self._breakers, clock, rng, given_before)
        self._floors: dict[str, float] = {}
        self._outage_since: float | None = None
        self.outages = Outages(config, clock, rng)

    # --- what may be leased and sent -------------------------------------------------------

    def leased(self, host: str) -> None:
        """Count a lease of *host*."""
        self._leased[host] += 1

    def unleased(self, host: str) -> None:
        """Uncount it: its download is over."""
        self._leased[host] -= 1
        if not self._leased[host]:
            del self._leased[host]

    def room(self, host: str) -> int:
        """Return how many more entries of *host* may be leased now."""
        breaker = self._breakers.of(host)
        in_flight = self._leased[host]
        if self.outages.active:
            return 1
        left = breaker.probes_left(self._clock())
        if left is None or self.given_up(host):
            return max(0, self._config.per_host - in_flight)
        return max(0, left - self.unsent(host))

    def unsent(self, host: str) -> int:
        """Return how many leases of *host* have not been sent yet."""
        breaker = self._breakers.get(host)
        return max(0, self._leased[host] - (breaker.active if breaker is not None else 0))

    def limit(self, wanted: int) -> int:
        """Return how many of *wanted* entries may be leased of all hosts together."""
        if not self.outages.active:
            return wanted
        known = (self._breakers.get(host) for host in self._leased)
        sent = sum(breaker.active for breaker in known if breaker is not None)
        return min(wanted, self.outages.room(max(0, self._leased.total() - sent)))

    def paused(self, host: str) -> bool:
        """Tell whether *host* is left alone now."""
        breaker = self._breakers.get(host)
        return breaker is not None and breaker.phase(self._clock()) is Phase.OPEN

    def all_paused(self) -> dict[str, float]:
        """Return the hosts that are left alone now, and for how many seconds yet."""
        now = self._clock()
        return {
            breaker.host: breaker.health.paused_until - now
            for breaker in self._breakers.all()
            if breaker.phase(now) is Phase.OPEN
        }

    def is_gone(self, host: str, reason: str) -> bool:
        """Tell whether *host*, which has answered before, is not there at all, by this *reason*
        for a failure: then what waits for it is not to spend its attempts."""
        breaker = self._breakers.get(host)
        return breaker is not None and reason in GONE and breaker.known and breaker.broken

    def probing(self, host: str) -> Probe:
        """Tell what finds out best how *host* is, if its next request is to find that out."""
        if self.outages.active:
            return Probe.FRESH  # what has failed may be what is broken
        breaker = self._breakers.get(host)
        if breaker is None or breaker.phase(self._clock()) is Phase.CLOSED:
            return Probe.NONE
        if breaker.fresh_probe:
            return Probe.FAR if breaker.refuses else Probe.FRESH
        return Probe.FAILED

    def enter(self, host: str, url: object = None, attempts: int = 0) -> Ticket | None:
        """Return the ticket for sending a request to *host* now; ``None`` if none may be sent.

        *url* is any key of what is asked for, which has failed *attempts* times before.
        """
        if self.outages.active:
            if self.paused(host) or not self.outages.may_probe():
                return None
            self.outages.probe = self._breakers.of(host).force(url, attempts)
            return self.outages.probe
        return self._breakers.of(host).enter(self._clock(), url, attempts)

    def given_up(self, host: str) -> bool:
        """Tell whether what is asked of *host* now is to fail without being sent."""
        breaker = self._breakers.get(host)
        return breaker is not None and breaker.given_up(self._clock())

    def why_given_up(self, host: str) -> str:
        """Return a line on why *host* is given up."""
        return f"{host} has given nothing for long; at last: {self._breakers.of(host).reason}"

    def leave(self, ticket: Ticket) -> None:
        """End *ticket*; called once each, whatever became of it."""
        self._breakers.of(ticket.host).leave(ticket)
        if self.outages.probe is ticket:
            self.outages.probe = None

    def begun(self, host: str) -> None:
        """Note that *host* has begun to answer."""
        self._breakers.of(host).begun()

    def suspects(self, host: str, url: object) -> bool:
        """Tell whether it may be *url* that fails: it has before, while *host* answered others."""
        breaker = self._breakers.get(host)
        in_trouble = self.outages.active
        return breaker is not None and breaker.suspects(url, in_trouble)

    def counts(self, reason: str) -> bool:
        """Tell whether *reason* is a failure of the host, and not of one URL."""
        return reason in self._config.breaker.thresholds

    def paused_until(self, host: str) -> float:
        """Return until when *host* is to be left alone, as a Unix time: it may be past."""
        breaker = self._breakers.get(host)
        return breaker.health.paused_until if breaker is not None else 0.0

    # --- how fast --------------------------------------------------------------------------

    def delay(self, host: str) -> float:
        """Return the least time between two requests to *host* in seconds."""
        return max(self._breakers.of(host).delay(), self._floors.get(host, 0.0))

    def floor(self, host: str) -> float:
        """Return the delay in seconds that the host itself has asked for."""
        return self._floors.get(host, 0.0)

    def set_floor(self, host: str, delay: float) -> None:
        """Never ask *host* more often than every *delay* seconds (robots.txt Crawl-delay)."""
        self._floors[host] = delay

    # --- what has come of it ---------------------------------------------------------------

    def answered(self, ticket: Ticket) -> None:
        """Note that the host has answered."""
        self.outages.answered(ticket.host)
        breaker = self._breakers.of(ticket.host)
        if breaker.answered(ticket, self._clock()):
            self._breakers.recovered(breaker)
            self.bans.collect(breaker)
        elif breaker.health.recovered_at and not breaker.health.troubled:
            breaker.health.recovered_at = 0.0
            self._table.forget(ticket.host)

    def cut(self, ticket: Ticket) -> None:
        """Note that the host has answered, but not to the end."""
        self.outages.answered(ticket.host)
        breaker = self._breakers.of(ticket.host)
        if breaker.cut(ticket, self._clock()):
            self._breakers.recovered(breaker)
            self.bans.collect(breaker)

    def failed(
        self, ticket: Ticket, reason: str, wait: float | None = None, *, begun: bool = False
    ) -> None:
        """Note a failure by its *reason*; *wait* is the server's Retry-After in seconds.

        *begun* tells that an answer had begun: so the network is there.
        """
        host, now = ticket.host, self._clock()
        breaker = self._breakers.of(host)
        # What was on its way before is cut when the network goes: that says nothing of now.
        now_there = begun and (not self.outages.active or self.outages.probe is ticket)
        if now_there or reason.startswith("http_"):
            self.outages.answered(host)
        elif self._may_be_the_networks(breaker, ticket) and self.outages.failed(host, reason):
            self._begin_outage()
            return
        if self.outages.active:
            return
        if wait is not None:
            wait = min(wait, self._config.retry_after_max_secs)
        event = breaker.failed(ticket, reason, now, self._rng, wait)
        self._breakers.note(breaker, event, reason, ", Retry-After" if wait is not None else "")

    def witnessed(self, ticket: Ticket, reason: str, wait: float | None) -> None:
        """Note what came of asking for the witness: why it was not given, or nothing."""
        ticket = replace(ticket, url=None, attempts=0)
        if reason:
            self.failed(ticket, reason, wait)
        else:
            self.answered(ticket)

    def passed_on(self, host: str, reason: str) -> Ticket:
        """Note what became of a request of *host* that it has redirected to another: the reason
        why that gave nothing, or nothing. Return a ticket for it."""
        ticket = self._breakers.of(host).latest()
        if self.bans.refuses(host):
            self.witnessed(ticket, reason, None)
        return ticket

    def _may_be_the_networks(self, breaker: Breaker, ticket: Ticket) -> bool:
        """Tell whether a failure may be the network's; a URL that is broken says nothing of it."""
        return self.outages.active or not breaker.suspects(ticket.url)

    def take_outage(self) -> float | None:
        """Return since when the network is down, once for each outage."""
        taken, self._outage_since = self._outage_since, None
        return taken

    # --- the network itself ----------------------------------------------------------------

    def _begin_outage(self) -> None:
        self._count("imagecrawl/outages")
        self._outage_since = self.outages.since
        for breaker in self._breakers.all():
            if breaker.forgive(self.outages.since):
                self._table.forget(breaker.host)
