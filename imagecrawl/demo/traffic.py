"""What does the fault server serve, who asked for it, and may they?"""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple

from imagecrawl.demo.exchange import Forever, Resource
from imagecrawl.demo.faults import error_page, find_fault
from imagecrawl.demo.wire import Request, gone

RATE_LIMIT = "rate_limit"
"""The fault of a request that was too much."""


class Hit(NamedTuple):
    """A request that reached the server, and what became of it."""

    path: str
    at: float
    """``time.monotonic()`` when its header block had been read."""
    fault: str | None
    headers: dict[str, str]
    """Names in lower case."""
    connection: int
    """The number of its connection, from 1."""
    method: str = "GET"


class RateLimit:
    """A token bucket over requests. Who empties it is banned for a while."""

    def __init__(self, per_second: float, burst: float, ban_seconds: float) -> None:
        self.per_second, self.burst, self.ban_seconds = per_second, burst, ban_seconds
        self.bans = 0
        self._tokens, self._at, self._banned_until = burst, 0.0, 0.0

    def banned(self) -> bool:
        """Tell whether a ban is in force."""
        return time.monotonic() < self._banned_until

    def refuses(self) -> bool:
        """Count one request: is it too much?"""
        now = time.monotonic()
        if now < self._banned_until:
            return True
        self._tokens = min(self.burst, self._tokens + (now - self._at) * self.per_second)
        self._at = now
        if self._tokens >= 1:
            self._tokens -= 1
            return False
        self._banned_until = now + self.ban_seconds
        self.bans += 1
        return True


class Traffic:
    """The resources, and the requests for them. All methods may be called from any thread."""

    def __init__(self, rate_limit: tuple[float, float, float] | None) -> None:
        self.limit = RateLimit(*rate_limit) if rate_limit else None
        self.max_concurrent = 0
        self._lock = threading.Lock()
        self._resources: dict[str, Resource] = {}
        self._hits: list[Hit] = []
        self._active: set[socket.socket] = set()

    def add(self, path: str, resource: Resource, faults: Sequence[str] | Forever) -> None:
        """Serve *resource* at *path*, after *faults*."""
        names = faults.names if isinstance(faults, Forever) else tuple(faults)
        for name in names:
            find_fault(name)  # a wrong name is told here, not in a thread of the server
        resource.faults = itertools.cycle(names) if isinstance(faults, Forever) else iter(names)
        with self._lock:
            self._resources[path] = resource

    def body(self, path: str) -> bytes:
        """Return the bytes that are served at *path*."""
        with self._lock:
            return self._resources[path].body

    def hits(self, path: str | None) -> list[Hit]:
        """Return the requests so far, all or those to *path* (with any query)."""
        with self._lock:
            hits = list(self._hits)
        return [hit for hit in hits if path in (None, hit.path, hit.path.partition("?")[0])]

    def banned(self) -> bool:
        """Tell whether nobody is let in for now."""
        with self._lock:
            return self.limit is not None and self.limit.banned()

    def enter(
        self, request: Request, sock: socket.socket, number: int
    ) -> tuple[Resource, str | None]:
        """Count a request, and say what its answer is, and what is wrong with it."""
        fault: str | None
        with self._lock:
            if self.limit and self.limit.refuses():
                resource, fault = Resource(b""), RATE_LIMIT
            else:
                resource, fault = self._choose(request)
                self._count(sock)
            told = None if fault == "ok" else fault
            path, headers = request.path, request.headers
            self._hits.append(Hit(path, time.monotonic(), told, headers, number, request.method))
        return resource, fault

    def leave(self, sock: socket.socket) -> None:
        """Count a request as answered. May be called twice."""
        with self._lock:
            self._active.discard(sock)

    def _choose(self, request: Request) -> tuple[Resource, str | None]:
        if request.method not in ("GET", "HEAD"):
            return Resource(error_page(405)), "status_405"
        resource = self._resources.get(request.path)
        if resource is None:
            resource = self._resources.get(request.path.partition("?")[0])
        if resource is None:
            return Resource(error_page(404), status=404), None
        return resource, next(resource.faults, None)

    def _count(self, sock: socket.socket) -> None:
        self._active.add(sock)
        if len(self._active) > self.max_concurrent:
            # The thread of a client which gave up, and asked for something else at once, may
            # not know of it yet.
            self._active -= {other for other in self._active if gone(other)}
            self.max_concurrent = max(self.max_concurrent, len(self._active))
