"""May a request be sent now? The host's breaker is asked, and perhaps the host itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from scrapy import Request
from scrapy.http import Response
from scrapy.statscollectors import StatsCollector

from imagecrawl.errors import AttemptFailed
from imagecrawl.frontier.bans import Witness
from imagecrawl.frontier.hosts import Hosts
from imagecrawl.frontier.intake import slot_of
from imagecrawl.handlers.given import ENOUGH_BYTES, of_witness, witness_request
from imagecrawl.handlers.reports import asked_wait, may_ask_to_wait
from imagecrawl.handlers.transfers import Transfer
from imagecrawl.meta import ENTRY_KEY, ROBOTS_KEY
from imagecrawl.outcomes import Reason
from imagecrawl.policies.failures import classify_exception
from imagecrawl.policies.ticket import Ticket

_LONGEST_LOOK_SECS = 1.0


class Admission:
    """Lets requests in, one ticket each, until the crawl is stopping.

    Without *hosts* nobody keeps count of them: all are let in, and none has a ticket. *ask* sends
    the request for a witness, on a connection of its own.
    """

    def __init__(
        self,
        hosts: Hosts | None,
        stats: StatsCollector,
        ask: Callable[[Transfer], Awaitable[Response]],
    ) -> None:
        self._hosts = hosts
        self._stats = stats
        self._ask = ask
        self._stopping = False

    def stop(self) -> None:
        """Let nobody in any more."""
        self._stopping = True

    def check(self) -> None:
        """Raise :exc:`AttemptFailed` when the crawl is stopping."""
        if self._stopping:
            raise shutdown()

    async def enter(self, request: Request) -> Ticket | None:
        """Return when *request* may be sent. Raises :exc:`AttemptFailed` if it may not, for now."""
        if self._hosts is None:
            return None
        host, attempts = slot_of(request), request.meta.get("retry_times", 0)
        while True:
            self.check()
            ticket = self._hosts.enter(host, request.meta.get(ENTRY_KEY), attempts)
            if ticket is not None:
                witness = self._hosts.bans.witness(ticket)
                if witness is None:
                    return ticket
                await self._hear(self._hosts, ticket, witness, request)
                # It waits its turn, as after any other request.
                raise AttemptFailed(Reason.HOST_PAUSED.value, f"{host} has been asked")
            if self._hosts.given_up(host):
                raise AttemptFailed(Reason.HOST_DOWN.value, self._hosts.why_given_up(host))
            until = self._hosts.paused_until(host)
            if ENTRY_KEY in request.meta or ROBOTS_KEY in request.meta:
                raise AttemptFailed(Reason.HOST_PAUSED.value, f"{host} is left alone")
            # Some component's own: nobody else would wait for it.
            await asyncio.sleep(min(_LONGEST_LOOK_SECS, max(0.05, until - time.time())))

    def leave(self, ticket: Ticket | None) -> None:
        """Give back what :meth:`enter` has returned."""
        if self._hosts is not None and ticket is not None:
            self._hosts.leave(ticket)

    async def _hear(self, hosts: Hosts, ticket: Ticket, witness: Witness, request: Request) -> None:
        """Ask for what the host has given before: does it refuse *request*, or everything?"""
        asked = witness_request(request, witness.url)
        self._stats.inc_value("imagecrawl/hosts/witnesses")
        try:
            response = await self._ask(Transfer(asked, most=ENOUGH_BYTES))
            reason = of_witness(response, witness.picture)
            if reason is None:
                hosts.bans.no_witness(ticket)
            else:
                wait = asked_wait(response) if may_ask_to_wait(response.status) else None
                hosts.witnessed(ticket, reason, wait)
        except Exception as error:
            reason = classify_exception(error).reason
            if reason == Reason.SHUTDOWN.value:
                raise
            hosts.witnessed(ticket, reason, None)
        finally:
            hosts.leave(ticket)


def shutdown() -> AttemptFailed:
    """Return what ends all that is under way, and whatever would begin, when the crawl stops."""
    return AttemptFailed(Reason.SHUTDOWN.value, "the crawl is stopping")
