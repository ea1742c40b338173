"""A real HTTP/1.1 server which misbehaves on purpose, as servers do.

``scrapy demo`` and the tests crawl it. It is written on raw sockets, a thread for each
connection: a server framework would not let an answer be cut, reset or never given.
"""

from __future__ import annotations

import contextlib
import itertools
import socket
import struct
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import NamedTuple
from urllib.parse import urljoin

from imagecrawl.demo.faults import End, Exchange, Forever, Resource, error_page, find_fault

__all__ = ["FaultServer", "Forever", "Hit"]

MAX_HEAD = 64 * 1024
LINGER_SECONDS = 1.0


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


class Request(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    keep_alive: bool


class RateLimit:
    """A token bucket over requests. Who empties it is banned for a while."""

    def __init__(self, per_second: float, burst: float, ban_seconds: float) -> None:
        self.per_second, self.burst, self.ban_seconds = per_second, burst, ban_seconds
        self.bans = 0
        self._tokens, self._at, self._banned_until = burst, 0.0, 0.0

    def banned(self) -> bool:
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


class FaultServer:
    """Serves what was added to it, each after the faults which were asked for.

    ``latency`` seconds pass before each answer. After ``idle_timeout`` seconds without a
    request a connection is closed (reset, with ``drop_idle_with_reset``). ``rate_limit`` is
    ``(requests per second, burst, ban_seconds)``: the request which is too much is reset, and
    so is every connection and request of the ban.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        latency: float = 0.0,
        idle_timeout: float | None = None,
        drop_idle_with_reset: bool = False,
        rate_limit: tuple[float, float, float] | None = None,
    ) -> None:
        self.host, self.port = host, port
        self.latency, self.idle_timeout = latency, idle_timeout
        self.connections = 0
        """How many connections were accepted, those reset at once included."""
        self.max_concurrent = 0
        """The largest number of requests that were being answered at once."""
        self._idle_end = End.RESET if drop_idle_with_reset else End.CLOSE
        self._limit = RateLimit(*rate_limit) if rate_limit else None
        self._reset_accepts = 0
        self._lock = threading.Lock()  # for everything that follows, and the counts
        self._resources: dict[str, Resource] = {}
        self._hits: list[Hit] = []
        self._live: dict[socket.socket, threading.Thread] = {}
        self._active: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self._holder: socket.socket | None = None
        self._acceptor = threading.Thread()
        self._ended = threading.Event()

    # What is served, and what was asked for.

    def add(
        self,
        path: str,
        body: bytes,
        *,
        content_type: str = "image/jpeg",
        status: int = 200,
        headers: dict[str, str] | None = None,
        faults: Sequence[str] | Forever = (),
    ) -> None:
        """Serve ``body`` at ``path``. Each request uses up one of ``faults``, in turn."""
        names = faults.names if isinstance(faults, Forever) else tuple(faults)
        for name in names:
            find_fault(name)  # a wrong name is told here, not in a thread of the server
        coming = itertools.cycle(names) if isinstance(faults, Forever) else iter(names)
        with self._lock:
            self._resources[path] = Resource(body, content_type, status, headers or {}, coming)

    def url(self, path: str = "/") -> str:
        """The URL of a path; the server must have been started."""
        if not self.port:
            raise RuntimeError("the server has no port before it is started")
        return urljoin(f"http://{self.host}:{self.port}/", path)

    def hits(self, path: str | None = None) -> list[Hit]:
        """The requests so far, in order: all, or those to ``path`` (with any query)."""
        with self._lock:
            hits = list(self._hits)
        return [hit for hit in hits if path in (None, hit.path, hit.path.partition("?")[0])]

    @property
    def bans(self) -> int:
        """How often the rate limit was overstepped."""
        return self._limit.bans if self._limit else 0

    def reset_accepts(self, count: int) -> None:
        """Reset the next ``count`` connections as soon as they are accepted.

        The client sees it when it sends or reads; or, if the RST is quick, by its connect().
        """
        with self._lock:
            self._reset_accepts = count

    # Up and down.

    def start(self) -> FaultServer:
        self._hold()
        self.up()
        return self

    def stop(self) -> None:
        """Close everything; all threads have ended on return. May be called twice."""
        self._close()
        if self._holder:
            self._holder.close()
            self._holder = None

    def up(self) -> None:
        """Listen (again), at the same port. Does nothing if the server is up."""
        if self._holder is None:
            return
        self._listener, self._holder = self._holder, None
        self._listener.listen(1024)
        self._listener.settimeout(0.5)  # shutdown() does not wake up accept() everywhere
        self._ended = threading.Event()
        self._acceptor = threading.Thread(
            target=self._accept, args=(self._listener, self._ended), daemon=True
        )
        self._acceptor.start()

    def down(self) -> None:
        """Close the listener and all connections: from here on, connects are refused."""
        if self._listener is not None:
            self._close()
            self._hold()

    def __enter__(self) -> FaultServer:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _hold(self) -> None:
        """Bind the port without listening: connects are refused, and nobody can take it.

        Without that, a client which connects again and again may be given this very port as
        its own, and find itself connected to itself.
        """
        self._holder = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._holder.bind((self.host, self.port))
        except OSError:
            self._holder.close()
            self._holder = None
            raise
        self.port = self._holder.getsockname()[1]

    def _close(self) -> None:
        self._ended.set()
        if self._listener is None:
            return
        _shutdown(self._listener)  # close() alone would not wake up accept(), which keeps it open
        self._acceptor.join()
        self._listener.close()
        self._listener = None
        with self._lock:
            threads = list(self._live.values())
            for sock in self._live:
                _shutdown(sock)
        for thread in threads:
            thread.join()

    # A connection, in its thread.

    def _accept(self, listener: socket.socket, ended: threading.Event) -> None:
        while not ended.is_set():
            try:
                sock, _ = listener.accept()
            except TimeoutError:
                continue
            except OSError:
                ended.wait(0.02)  # the end, or too many open files
                continue
            thread = self._admit(sock, ended)
            if thread:
                thread.start()

    def _admit(self, sock: socket.socket, ended: threading.Event) -> threading.Thread | None:
        """The thread for a new connection; or reset it."""
        with self._lock:
            self.connections += 1
            refused = self._reset_accepts > 0
            self._reset_accepts -= refused
            if refused or ended.is_set() or (self._limit and self._limit.banned()):
                _reset(sock)
                return None
            thread = threading.Thread(
                target=self._serve, args=(sock, self.connections, ended), daemon=True
            )
            self._live[sock] = thread
            return thread

    def _serve(self, sock: socket.socket, number: int, ended: threading.Event) -> None:
        end = End.CLOSE
        with contextlib.suppress(OSError):  # the client left
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            end = self._converse(sock, number, ended)
            if end is End.FIN:
                _drain(sock)
        with self._lock:  # so that _close() never shuts down a descriptor used anew
            del self._live[sock]
            if end is End.RESET:
                _reset(sock)
            else:
                sock.close()

    def _converse(self, sock: socket.socket, number: int, ended: threading.Event) -> End:
        """Answer request after request; how does the connection end?"""
        buffer = bytearray()
        while True:
            try:
                request = _read_request(sock, buffer, self.idle_timeout)
            except TimeoutError:
                return self._idle_end
            if request is None:
                return End.CLOSE
            try:
                end = self._answer(request, sock, number, ended)
            finally:
                self._leave(sock)
            if end is not End.KEEP:
                return end

    def _answer(
        self, request: Request, sock: socket.socket, number: int, ended: threading.Event
    ) -> End:
        resource, fault = self._enter(request, sock, number)
        if fault == "rate_limit":
            return End.RESET
        if self.latency and ended.wait(self.latency):
            return End.CLOSE
        exchange = Exchange(
            sock=sock,
            method=request.method,
            path=request.path,
            resource=resource,
            keep_alive=request.keep_alive,
            ended=ended,
            release=lambda: self._leave(sock),
        )
        return find_fault(fault or "ok")(exchange)

    def _enter(
        self, request: Request, sock: socket.socket, number: int
    ) -> tuple[Resource, str | None]:
        """Count a request, and say what its answer is, and what is wrong with it."""
        fault: str | None
        with self._lock:
            if self._limit and self._limit.refuses():
                resource, fault = Resource(b""), "rate_limit"
            else:
                resource, fault = self._choose(request)
                self._count(sock)
            told = None if fault == "ok" else fault
            path, headers = request.path, request.headers
            self._hits.append(Hit(path, time.monotonic(), told, headers, number, request.method))
        return resource, fault

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
            self._active -= {other for other in self._active if _gone(other)}
            self.max_concurrent = max(self.max_concurrent, len(self._active))

    def _leave(self, sock: socket.socket) -> None:
        with self._lock:
            self._active.discard(sock)


def _read_request(
    sock: socket.socket, buffer: bytearray, idle_timeout: float | None
) -> Request | None:
    """The next request; None when the client left, ``TimeoutError`` when it sends nothing."""
    while (end := buffer.find(b"\r\n\r\n")) < 0:
        if idle_timeout:
            sock.settimeout(idle_timeout)
        data = sock.recv(65536)
        if idle_timeout:
            sock.settimeout(None)  # else other threads' MSG_DONTWAIT would wait
        if not data or len(buffer) > MAX_HEAD:
            return None
        buffer += data
    lines = buffer[:end].decode("latin-1").split("\r\n")
    del buffer[: end + 4]
    return _parse(lines)


def _parse(lines: list[str]) -> Request | None:
    words = lines[0].split(" ")
    if len(words) != 3:
        return None
    method, path, version = words
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    connection = headers.get("connection", "").lower()
    keep = "close" not in connection if version == "HTTP/1.1" else "keep-alive" in connection
    return Request(method, path, headers, keep and method in ("GET", "HEAD"))


def _gone(sock: socket.socket) -> bool:
    """Did the client close its side of the connection, or reset it?"""
    try:
        return not sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True


def _reset(sock: socket.socket) -> None:
    """Close with a RST: what is left to send is thrown away.

    That holds for the last descriptor of the socket only, so nobody may dup() it (as
    ``makefile()`` would keep it open, too).
    """
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def _drain(sock: socket.socket) -> None:
    """FIN, then read on till the client closes: close() with bytes unread would be a RST."""
    sock.shutdown(socket.SHUT_WR)
    sock.settimeout(LINGER_SECONDS)
    while sock.recv(4096):
        pass


def _shutdown(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
