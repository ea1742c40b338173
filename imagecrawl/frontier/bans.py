"""Which hosts give nothing more, and is that about the URLs, or about us?

See :mod:`imagecrawl.policies.refusals`. What hosts *fail* to answer is told to
:mod:`imagecrawl.frontier.hosts` itself.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

from imagecrawl.frontier.breakers import Breakers
from imagecrawl.policies.breaker import Breaker
from imagecrawl.policies.ticket import Event, Ticket


class Witness(NamedTuple):
    """What a host has given before, a *picture* or a page: does it still?"""

    url: str
    picture: bool


class Given(NamedTuple):
    """What an answer to an entry has given: *url* can be asked for again, unless it is empty."""

    entry_id: int
    picture: bool
    url: str


class Bans:
    """What the hosts have given, and what they have refused since.

    *given_before* returns the URL of an image that another run has had of a host.
    """

    def __init__(
        self,
        breakers: Breakers,
        clock: Callable[[], float],
        rng: random.Random,
        given_before: Callable[[str], str | None],
    ) -> None:
        self._breakers = breakers
        self._clock = clock
        self._rng = rng
        self._given_before = given_before
        self._again: list[int] = []
        self._pardoned: set[int] = set()

    def gave(self, ticket: Ticket, given: Given) -> None:
        """Note that the host has given what was asked for."""
        breaker = self._breakers.of(ticket.host)
        breaker.refusals.gave(ticket.number, given.entry_id, given.url, given.picture)
        self.collect(breaker)

    def refused(self, ticket: Ticket, given: Given, reason: str) -> None:
        """Note that the host has answered, and given nothing: it may be the entry's fault."""
        breaker = self._breakers.of(ticket.host)
        if breaker.refuses or breaker.refusals.is_of_a_ban(ticket.number):
            self._pardoned.add(given.entry_id)
            return
        breaker.reason = reason
        much = breaker.refusals.refused(ticket.number, given.entry_id, given.picture)
        if much and not breaker.broken and self._has_given(breaker):
            self._ask(breaker)

    def _has_given(self, breaker: Breaker) -> bool:
        if breaker.refusals.witness is None:
            url = self._given_before(breaker.host)
            if url is None:
                return False
            breaker.refusals.resume(url, True, ())
        return True

    def _ask(self, breaker: Breaker) -> None:
        breaker.refuses_too_much(self._clock(), self._rng)
        self._breakers.note(breaker, Event.OPENED, breaker.reason)

    def ask_at_the_end(self) -> bool:
        """Ask what is not known yet when there is nothing else to do; return whether there is."""
        open_ones = [
            one for one in self._breakers.all() if not one.broken and one.refusals.is_open()
        ]
        for breaker in open_ones:
            self._again.append(breaker.refusals.run[-1])
            self._ask(breaker)
        return bool(open_ones)

    def pardons(self, entry_id: int) -> bool:
        """Tell, once, whether the latest refusal of an entry is no verdict on it."""
        pardoned = entry_id in self._pardoned
        self._pardoned.discard(entry_id)
        return pardoned

    def refuses(self, host: str) -> bool:
        """Tell whether *host* is in trouble for giving nothing."""
        breaker = self._breakers.get(host)
        return breaker is not None and breaker.refuses

    def witness(self, ticket: Ticket) -> Witness | None:
        """Return what is to be asked for in place of the request of *ticket*, if anything is."""
        breaker = self._breakers.of(ticket.host)
        url = breaker.witness(ticket)
        return Witness(url, breaker.health.picture) if url else None

    def no_witness(self, ticket: Ticket) -> None:
        """Note that it is there no longer: from here on the entries are the probes."""
        self._breakers.of(ticket.host).health.witness = ""

    def collect(self, breaker: Breaker) -> None:
        """Take what is to be asked of the host again."""
        self._again += breaker.refusals.take_again()

    def take_again(self) -> list[int]:
        """Return, once, the entries that are to be asked for again."""
        again, self._again = self._again, []
        return again
