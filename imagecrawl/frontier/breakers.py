"""The breakers of all hosts: those in trouble are kept on disk, and of the others the latest.

What becomes of them is counted, and told.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import msgspec

from imagecrawl.config import HostConfig
from imagecrawl.frontier.contract import HostTable
from imagecrawl.frontier.entry import HostRow, Pause
from imagecrawl.frontier.hostlog import HostLog
from imagecrawl.policies.breaker import Breaker
from imagecrawl.policies.health import HostHealth
from imagecrawl.policies.ticket import Event

_MOST_IDLE_HOSTS = 10_000
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(HostHealth)


class Breakers:
    """The breakers by their host, beginning with those that *table* has kept."""

    def __init__(
        self,
        table: HostTable,
        config: HostConfig,
        clock: Callable[[], float],
        count: Callable[[str], None],
    ) -> None:
        self._table = table
        self._rules = config.breaker
        self._clock = clock
        self._count = count
        self._log = HostLog(clock)
        self._breakers: OrderedDict[str, Breaker] = OrderedDict()
        longest = max(config.retry_after_max_secs, config.breaker.pause.max_secs)
        for host, row in table.all().items():
            health = _decoder.decode(row.health)
            health.resumed(clock(), longest)
            self._breakers[host] = Breaker(host, self._rules, health)
            if health.paused_until < row.paused_until:
                self.keep(self._breakers[host])

    def get(self, host: str) -> Breaker | None:
        """Return the breaker of *host* if anything is known of it."""
        return self._breakers.get(host)

    def of(self, host: str) -> Breaker:
        """Return the breaker of *host*, a new one if need be."""
        breaker = self._breakers.get(host)
        if breaker is None:
            breaker = self._breakers[host] = Breaker(host, self._rules)
            self._forget_idle()
        self._breakers.move_to_end(host)
        return breaker

    def all(self) -> list[Breaker]:
        return list(self._breakers.values())

    def note(self, breaker: Breaker, event: Event, reason: str, why: str = "") -> None:
        """Keep, count and tell what a failure has led to."""
        if event is Event.NOTHING:
            return
        host, now, until = breaker.host, self._clock(), breaker.health.paused_until
        self._count(f"imagecrawl/hosts/{event.value.replace(' ', '_')}")
        if event is Event.SLOWED:
            self.keep(breaker)
            self._log.slowed(host, reason, breaker.health.delay)
            return
        self._table.note_pause(Pause(host, now, until, reason))
        self.keep(breaker)
        # A host that refuses some of its URLs is not in trouble yet.
        suspected = breaker.refuses and event is Event.OPENED
        sure = event is Event.OPENED or breaker.only_suspected
        begins, breaker.only_suspected = sure and not suspected, suspected
        self._log.in_trouble(host, event, reason + why, until - now, begins=begins)

    def recovered(self, breaker: Breaker) -> None:
        """Do the same for the end of a trouble."""
        self._count("imagecrawl/hosts/recovered")
        self.keep(breaker)
        self._log.recovered(breaker.host, breaker.health, suspected=breaker.only_suspected)
        breaker.only_suspected = False

    def keep(self, breaker: Breaker) -> None:
        """Keep on disk how the host of *breaker* is."""
        health = breaker.health
        # What waits for a host that is given up is leased all the same: it is to fail.
        until = 0.0 if health.given_up else health.paused_until
        self._table.keep(breaker.host, HostRow(until, _encoder.encode(health)))

    def _forget_idle(self) -> None:
        if len(self._breakers) > _MOST_IDLE_HOSTS:
            oldest = next(iter(self._breakers))
            if self._breakers[oldest].idle:
                del self._breakers[oldest]
            else:
                self._breakers.move_to_end(oldest)
