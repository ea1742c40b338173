"""Which hosts give nothing more, and is that about the URLs, or about us?

See :mod:`imagecrawl.policies.refusals`. What hosts *fail* to answer is told to
:mod:`imagecrawl.frontier.hosts` itself.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

from imagecrawl.frontier.breakers import Breakers
from imagecrawl.policies.breaker import Breaker, Ticket


class Witness(NamedTuple):
    """What a host has given before, a *picture* or a page: does it still?"""

    url: str
    picture: bool


class Bans:
    """What the hosts have given, and what they have refused since."""

    def __init__(self, breakers: Breakers, clock: Callable[[], float], rng: random.Random) -> None:
        self._breakers = breakers
        self._clock = clock
        self._rng = rng
        self._taken: list[int] = []

    def gave(self, ticket: Ticket, url: str, picture: bool, other_host: str | None) -> None:
        """Note that the host has given a *picture* or a page at *url*, to which *other_host* had
        redirected."""
        self._breakers.of(ticket.host).gave(ticket, url, picture)
        if other_host is not None:
            self._breakers.of(other_host).gave(None, "", picture)

    def refused(self, ticket: Ticket, entry_id: int, reason: str, other_host: str | None) -> None:
        """Note that the host has answered, and given nothing: it may be the entry's fault.

        Where *other_host* had redirected to it, that may be what refuses.
        """
        self._refused(self._breakers.of(ticket.host), ticket, entry_id, reason)
        if other_host is not None:
            self._refused(self._breakers.of(other_host), None, entry_id, reason)

    def _refused(self, breaker: Breaker, ticket: Ticket | None, entry_id: int, reason: str) -> None:
        event = breaker.refused(ticket, entry_id, self._clock(), self._rng)
        self._breakers.note(breaker, event, reason)

    def refuses(self, host: str) -> bool:
        """Tell whether *host* is in trouble for giving nothing: then that is no verdict."""
        breaker = self._breakers.get(host)
        return breaker is not None and breaker.health.refuses and not breaker.health.given_up

    def witness(self, ticket: Ticket) -> Witness | None:
        """Return what is to be asked for in place of the request of *ticket*, if anything is."""
        breaker = self._breakers.of(ticket.host)
        url = breaker.witness(ticket)
        return Witness(url, breaker.health.picture) if url else None

    def no_witness(self, ticket: Ticket) -> None:
        """Note that it is there no longer: from here on the entries are the probes."""
        self._breakers.of(ticket.host).health.witness = ""

    def confirmed(self, breaker: Breaker) -> None:
        """Note that a probe of a host that refuses has failed: then it refuses everything."""
        if breaker.health.refuses:
            self._taken += breaker.refusals.take()

    def take(self) -> list[int]:
        """Return, once, the entries that were refused by hosts which refuse everything."""
        taken, self._taken = self._taken, []
        return taken
