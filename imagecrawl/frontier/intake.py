"""How does a Request become an entry, and an entry a Request?"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable

from scrapy import Request
from scrapy.utils.httpobj import urlparse_cached

from imagecrawl.frontier.again import place_of_item
from imagecrawl.frontier.codec import RequestCodec
from imagecrawl.frontier.entry import Entry
from imagecrawl.meta import ENTRY_KEY, IMAGE_KEY, ITEM_KEY, OWN_FILTER_KEY
from imagecrawl.outcomes import Kind, Outcome, Reason
from imagecrawl.wanted import UrlFilter

_UNWANTED = Reason.URL.value
_DEFAULT_PORTS = {"http": 80, "https": 443}


def host_of(request: Request) -> str:
    """Return the host that *request* goes to, with its port unless that is the scheme's own.

    Two ports are two servers: what one of them does says nothing about the other.
    """
    parts = urlparse_cached(request)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = parts.port
    return host if port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f"{host}:{port}"


def slot_of(request: Request) -> str:
    """Return the downloader slot of *request*: the host, unless a spider says otherwise."""
    slot: str | None = request.meta.get("download_slot")
    return slot or host_of(request)


class Intake:
    """Turns Requests into entries and back, with Scrapy's request fingerprint as identity."""

    def __init__(
        self,
        codec: RequestCodec,
        fingerprint: Callable[[Request], bytes],
        wanted: UrlFilter | None = None,
    ) -> None:
        """Images whose URL *wanted* does not let pass go into the ledger without a request."""
        self._codec = codec
        self._fingerprint = fingerprint
        self._wanted = wanted or UrlFilter()

    def entry(self, request: Request, parent: Entry | None = None, index: int = 0) -> Entry:
        """Return the entry of *request*. Raises :exc:`imagecrawl.errors.EncodeError`.

        A child with ``dont_filter`` is asked for again although its URL is known: as Scrapy
        does. Its identity is its place, the *index* in the output of *parent*, so that a
        parent that is crawled again after a crash does not have it twice. Start requests have
        ``dont_filter`` by default and are what a resumed job repeats: they go by fingerprint.
        """
        request = self._of_a_wanted_size(request)
        fingerprint = self._fingerprint(request)
        if request.dont_filter and parent is not None:
            place = b"%s|%s|%d" % (fingerprint, parent.fingerprint, index)
            fingerprint = hashlib.sha1(place, usedforsecurity=False).digest()
        of_item = None
        if parent is not None and ITEM_KEY in request.meta:
            of_item = place_of_item(parent.fingerprint, index)
            request.meta[ITEM_KEY] = of_item  # known again, if its page is crawled again
        slot = request.meta.get("download_slot")
        if ENTRY_KEY in request.meta:
            slot = None  # copied with the meta of a response, where we had set it ourselves
        if slot is None and "download_slot" in request.meta:
            request = request.replace(
                meta={k: v for k, v in request.meta.items() if k != "download_slot"}
            )
        entry = Entry(
            fingerprint,
            Kind.IMAGE if request.meta.get(IMAGE_KEY) is not None else Kind.PAGE,
            slot or host_of(request),
            request.url,
            self._codec.encode(request),
            request.priority,
            place=of_item,
        )
        if entry.kind is Kind.IMAGE and (problem := self._wanted.problem(entry.url)):
            entry.outcome, entry.reason, entry.message = Outcome.FILTERED, _UNWANTED, problem
        return entry

    def _of_a_wanted_size(self, request: Request) -> Request:
        """Return the Request of the first URL of the picture that may be asked for."""
        if request.meta.get(IMAGE_KEY) is None or not self._wanted.problem(request.url):
            return request
        urls = request.meta[IMAGE_KEY].get("alternatives") or []
        for index, url in enumerate(urls):
            if not self._wanted.problem(url):
                return _of_another_size(request, url, urls[index + 1 :])
        return request

    def next_size(self, entry: Entry) -> Entry | None:
        """Return the entry of the next usable URL of the same picture, if there is one."""
        request = self._codec.decode(entry.request)
        urls = (request.meta.get(IMAGE_KEY) or {}).get("alternatives") or []
        for index, url in enumerate(urls):
            with contextlib.suppress(ValueError):  # a spider's own, and no URL
                return self.entry(_of_another_size(request, url, urls[index + 1 :]), entry)
        return None

    def request(self, entry: Entry) -> Request:
        """Return the Request of *entry*, marked as leased."""
        request = self._codec.decode(entry.request)
        request.meta[OWN_FILTER_KEY] = request.dont_filter
        request.dont_filter = True  # the frontier has filtered already
        request.meta[ENTRY_KEY] = entry.id
        request.meta["retry_times"] = entry.attempts
        request.meta["download_slot"] = entry.host
        return request


def _of_another_size(request: Request, url: str, others: list[str]) -> Request:
    image = {**request.meta[IMAGE_KEY], "alternatives": others}
    headers = {k: v for k, v in request.headers.items() if k != b"Authorization"}
    return request.replace(url=url, meta={**request.meta, IMAGE_KEY: image}, headers=headers)
