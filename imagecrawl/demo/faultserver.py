"""A real HTTP/1.1 server which misbehaves on purpose, as servers do.

``scrapy demo`` and the tests crawl it. It is written on raw sockets, a thread for each
connection: a server framework would not let an answer be cut, reset or never given.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Sequence
from urllib.parse import urljoin

from imagecrawl.demo import wire
from imagecrawl.demo.exchange import End, Exchange, Forever, Resource
from imagecrawl.demo.faults import find_fault
from imagecrawl.demo.traffic import RATE_LIMIT, Hit, Traffic

__all__ = ["FaultServer", "Forever", "Hit"]


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
        self._idle_end = End.RESET if drop_idle_with_reset else End.CLOSE
        self._traffic = Traffic(rate_limit)
        self._reset_accepts = 0
        self._lock = threading.Lock()  # for the connections
        self._live: dict[socket.socket, threading.Thread] = {}
        self._listener: socket.socket | None = None
        self._holder: socket.socket | None = None
        self._acceptor = threading.Thread()
        self._ended = threading.Event()

    # --- what is served, and what was asked for --------------------------------------------

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
        self._traffic.add(path, Resource(body, content_type, status, headers or {}), faults)

    def url(self, path: str = "/") -> str:
        """Return the URL of a path; the server must have been started."""
        if not self.port:
            raise RuntimeError("the server has no port before it is started")
        return urljoin(f"http://{self.host}:{self.port}/", path)

    def body(self, path: str) -> bytes:
        """Return the bytes which a healthy answer for ``path`` has; KeyError if there are none."""
        return self._traffic.body(path)

    def hits(self, path: str | None = None) -> list[Hit]:
        """Return the requests so far, in order: all, or those to ``path`` (with any query)."""
        return self._traffic.hits(path)

    @property
    def max_concurrent(self) -> int:
        """The largest number of requests that were being answered at once."""
        return self._traffic.max_concurrent

    @property
    def bans(self) -> int:
        """How often the rate limit was overstepped."""
        return self._traffic.limit.bans if self._traffic.limit else 0

    def reset_accepts(self, count: int) -> None:
        """Reset the next ``count`` connections as soon as they are accepted.

        The client sees it when it sends or reads; or, if the RST is quick, by its connect().
        """
        with self._lock:
            self._reset_accepts = count

    # --- up and down -----------------------------------------------------------------------

    def start(self) -> FaultServer:
        """Take the port, and listen."""
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
        self._listener.settimeout(wire.LOOK_SECONDS)  # shutdown() wakes up accept() not everywhere
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

    def __exit__(self, *error: object) -> None:
        self.stop()

    def _hold(self) -> None:
        """Bind the port without listening: connects are refused, and nobody can take it.

        Without that, a client which connects again and again may be given this very port as
        its own, and find itself connected to itself.
        """
        self._holder = wire.bind(self.host, self.port)
        self.port = self._holder.getsockname()[1]

    def _close(self) -> None:
        self._ended.set()
        if self._listener is None:
            return
        # close() alone would not wake up accept(), which keeps it open
        wire.shutdown(self._listener)
        self._acceptor.join()
        self._listener.close()
        self._listener = None
        with self._lock:
            threads = list(self._live.values())
            for sock in self._live:
                wire.shutdown(sock)
        for thread in threads:
            thread.join()

    # --- a connection, in its thread -------------------------------------------------------

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
        """Return the thread for a new connection; or reset it."""
        with self._lock:
            self.connections += 1
            refused = self._reset_accepts > 0
            self._reset_accepts -= refused
            if refused or ended.is_set() or self._traffic.banned():
                wire.reset(sock)
                return None
            thread = threading.Thread(
                target=self._serve, args=(sock, self.connections, ended), daemon=True
            )
            self._live[sock] = thread
            return thread

    def _serve(self, sock: socket.socket, number: int, ended: threading.Event) -> None:
        end = End.CLOSE
        with contextlib.suppress(OSError):  # the client left
            wire.prepare(sock)
            end = self._converse(sock, number, ended)
            if end is End.FIN:
                wire.drain(sock)
        with self._lock:  # so that _close() never shuts down a descriptor used anew
            del self._live[sock]
            if end is End.RESET:
                wire.reset(sock)
            else:
                sock.close()

    def _converse(self, sock: socket.socket, number: int, ended: threading.Event) -> End:
        """Answer request after request; how does the connection end?"""
        buffer = bytearray()
        while True:
            try:
                request = wire.read_request(sock, buffer, ended, self.idle_timeout)
            except TimeoutError:
                return self._idle_end
            if request is None:
                return End.CLOSE
            try:
                end = self._answer(request, sock, number, ended)
            finally:
                self._traffic.leave(sock)
            if end is not End.KEEP:
                return end

    def _answer(
        self, request: wire.Request, sock: socket.socket, number: int, ended: threading.Event
    ) -> End:
        resource, fault = self._traffic.enter(request, sock, number)
        if fault == RATE_LIMIT:
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
            release=lambda: self._traffic.leave(sock),
        )
        return find_fault(fault or "ok")(exchange)
