"""What does the outcome of a request say of its host? The breaker is told."""

from __future__ import annotations

import time

from scrapy import Request
from scrapy.http import Response

from imagecrawl.errors import AttemptFailed, DownloadRefused
from imagecrawl.frontier.bans import Given
from imagecrawl.frontier.hosts import Hosts
from imagecrawl.frontier.intake import host_of
from imagecrawl.handlers.given import instead, is_picture
from imagecrawl.handlers.resume import OtherHalfRefused
from imagecrawl.handlers.transfers import Transfer
from imagecrawl.meta import ENTRY_KEY
from imagecrawl.outcomes import Reason, http_reason
from imagecrawl.policies.failures import classify_exception
from imagecrawl.policies.refusals import is_refusal
from imagecrawl.policies.retry_after import retry_after
from imagecrawl.policies.ticket import Ticket

_HEEDED = frozenset({413, 429, 503})
"""The statuses that Retry-After is defined for, beside 3xx (RFC 9110 10.2.3, RFC 6585 4)."""
_MUCH_BYTES = 64 * 1024
_NOT_THE_HOST = frozenset({Reason.SHUTDOWN.value, Reason.HOST_PAUSED.value, Reason.LOCAL.value})


class NothingToWaitFor(Exception):
    """A Retry-After came with a status that it means nothing with."""


def may_ask_to_wait(status: int) -> bool:
    """Tell whether a Retry-After means anything with this *status*."""
    return status in _HEEDED or 300 <= status < 400


def header(response: Response, name: str) -> str | None:
    """Return the header *name* as text."""
    value = response.headers.get(name)
    return value.decode("latin-1") if value is not None else None


def asked_wait(response: Response) -> float | None:
    """Return how many seconds *response* asks to wait (Retry-After), if it does."""
    return retry_after(header(response, "Retry-After"), header(response, "Date"), time.time())


class Reports:
    """Tells *hosts*, if anybody keeps count of them, what has come of each ticket."""

    def __init__(self, hosts: Hosts | None) -> None:
        self._hosts = hosts
        self._waited: set[tuple[int | None, str]] = set()

    def answered(self, ticket: Ticket | None, request: Request, response: Response) -> None:
        """Report a whole answer; raise :exc:`AttemptFailed` for a redirect that is to wait."""
        if self._hosts is None or ticket is None:
            return
        status, wait = response.status, None
        # The redirected request is to wait. When this one comes a second time it has waited.
        entry = request.meta.get(ENTRY_KEY)
        redirect = 300 <= status < 400 and (entry, request.url) not in self._waited
        if status in _HEEDED or redirect:
            wait = asked_wait(response)
        if wait is None and not self._hosts.counts(http_reason(status)):
            self._given(ticket, request, response)
            return
        self._hosts.failed(ticket, http_reason(status), wait)
        if redirect and entry is not None:
            self._waited.add((entry, request.url))
            raise AttemptFailed(Reason.HOST_PAUSED.value, f"Retry-After: {wait:.0f} s")

    def _given(self, ticket: Ticket, request: Request, response: Response) -> None:
        """Report an answer of a host that lives, and what it has given."""
        assert self._hosts is not None
        host, entry, picture = ticket.host, request.meta.get(ENTRY_KEY), is_picture(request)
        reason = instead(response, picture)
        if not self._hosts.bans.refuses(host):
            self._hosts.answered(ticket)
        elif is_refusal(reason):
            self._hosts.failed(ticket, reason)
        elif not 300 <= response.status < 400:  # what it leads to will tell
            self._hosts.answered(ticket)
        if entry is None or (reason and not is_refusal(reason)):
            return
        url = request.url if request.method == "GET" else ""
        self._tell(ticket, Given(entry, picture, url), reason)
        first = [host_of(Request(url)) for url in request.meta.get("redirect_urls", [])[:1]]
        if first and first[0] != host and not self._hosts.bans.refuses(host):
            self._tell(self._hosts.passed_on(first[0], reason), Given(entry, picture, ""), reason)

    def _tell(self, ticket: Ticket, given: Given, reason: str) -> None:
        assert self._hosts is not None
        if reason:
            self._hosts.bans.refused(ticket, given, reason)
        else:
            self._hosts.bans.gave(ticket, given)

    def failed(self, ticket: Ticket | None, transfer: Transfer, error: Exception) -> None:
        """Report an attempt that ended in *error*."""
        if self._hosts is None or ticket is None or isinstance(error, DownloadRefused):
            return
        if isinstance(error, (NothingToWaitFor, OtherHalfRefused)):
            if not self._hosts.bans.refuses(ticket.host):
                self._hosts.answered(ticket)
            return
        reason = classify_exception(error).reason
        if reason in _NOT_THE_HOST or reason.startswith("http_"):
            return  # reported, or none of its doing
        # A host that bans may well send its headers first; one that sends much is well.
        answered = transfer.headers is not None
        lives = transfer.received >= _MUCH_BYTES or not self._hosts.counts(reason)
        if answered and lives:
            self._hosts.cut(ticket)
        else:
            # Whoever resets a connection is there; one that is silent may have vanished since.
            begun = answered and reason != Reason.TIMEOUT.value
            self._hosts.failed(ticket, reason, begun=begun)
