"""How does a Request become an entry, and an entry a Request?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from scrapy import Request
from scrapy.utils.httpobj import urlparse_cached

from imagecrawl.frontier.codec import RequestCodec
from imagecrawl.frontier.entry import Entry
from imagecrawl.meta import ENTRY_KEY, IMAGE_KEY, OWN_FILTER_KEY
from imagecrawl.outcomes import Kind

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

    def __init__(self, codec: RequestCodec, fingerprint: Callable[[Request], bytes]) -> None:
        self._codec = codec
        self._fingerprint = fingerprint

    def entry(self, request: Request, parent: Entry | None = None, index: int = 0) -> Entry:
        """Return the entry of *request*. Raises :exc:`imagecrawl.errors.EncodeError`.

        A child with ``dont_filter`` is asked for again although its URL is known: as Scrapy
        does. Its identity is its place, the *index* in the output of *parent*, so that a
        parent that is crawled again after a crash does not have it twice. Start requests have
        ``dont_filter`` by default and are what a resumed job repeats: they go by fingerprint.
        """
        fingerprint = self._fingerprint(request)
        if request.dont_filter and parent is not None:
            place = b"%s|%s|%d" % (fingerprint, parent.fingerprint, index)
            fingerprint = hashlib.sha1(place, usedforsecurity=False).digest()
        slot = request.meta.get("download_slot")
        if ENTRY_KEY in request.meta:
            slot = None  # copied with the meta of a response, where we had set it ourselves
        if slot is None and "download_slot" in request.meta:
            request = request.replace(
                meta={k: v for k, v in request.meta.items() if k != "download_slot"}
            )
        return Entry(
            fingerprint,
            Kind.IMAGE if request.meta.get(IMAGE_KEY) is not None else Kind.PAGE,
            slot or host_of(request),
            request.url,
            self._codec.encode(request),
            request.priority,
        )

    def request(self, entry: Entry) -> Request:
        """Return the Request of *entry*, marked as leased."""
        request = self._codec.decode(entry.request)
        request.meta[OWN_FILTER_KEY] = request.dont_filter
        request.dont_filter = True  # the frontier has filtered already
        request.meta[ENTRY_KEY] = entry.id
        request.meta["retry_times"] = entry.attempts
        request.meta["download_slot"] = entry.host
        return request
