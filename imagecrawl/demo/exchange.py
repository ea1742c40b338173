"""What does it take to answer one request, well or badly?"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus

from imagecrawl.demo.wire import receive

TAIL = 16 * 1024
"""The bytes of a whole answer which are sent after its request stopped counting."""
SETTLE = 0.03
"""Seconds between a partial answer and its RST: long enough for the client to read it."""


class End(Enum):
    """How a connection goes on after an answer."""

    KEEP = "keep"
    """It awaits the next request."""
    FIN = "fin"
    """It ends in good order, whatever the client may have sent meanwhile."""
    CLOSE = "close"
    """It is just closed, as of no use to anybody."""
    RESET = "reset"
    """It ends with a RST."""


class Forever:
    """Faults which never run out: ``faults=Forever("reset_before")``. Several take turns."""

    def __init__(self, *names: str) -> None:
        self.names = names


@dataclass
class Resource:
    """What is to be had at a path, and the faults to come before it."""

    body: bytes
    content_type: str = "text/html"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    faults: Iterator[str] = field(default_factory=lambda: iter(()))


@dataclass
class Exchange:
    """One request, and what it takes to answer it, well or badly."""

    sock: socket.socket
    method: str
    path: str
    resource: Resource
    keep_alive: bool
    ended: threading.Event
    """Set when the server goes down: nobody waits any longer."""
    release: Callable[[], None]
    """The request is not being answered any more. May be called twice."""

    def head(self, status: int, *fields: str) -> bytes:
        """Return a header block, with ``Connection: close`` if this is the last answer."""
        last = () if self.keep_alive else ("Connection: close",)
        lines = (f"HTTP/1.1 {status} {phrase(status)}", *fields, *last)
        return "\r\n".join((*lines, "", "")).encode("latin-1")

    def answer(
        self,
        body: bytes,
        content_type: str,
        status: int = 200,
        headers: dict[str, str] | None = None,
    ) -> End:
        """Give a whole answer with its right length; the connection stays open if it may."""
        fields = {"Content-Type": content_type, "Content-Length": str(len(body))}
        fields.update(headers or {})
        head = self.head(status, *(f"{name}: {value}" for name, value in fields.items()))
        self.send_last(head if self.method == "HEAD" else head + body)
        return End.KEEP if self.keep_alive else End.FIN

    def send_last(self, data: bytes) -> None:
        """Send what completes the answer.

        A client may have its next request on the way, over another connection, as soon as
        it has the last byte: this request must not count any longer by then, or
        ``max_concurrent`` would tell of more requests than the client ever had.
        """
        if len(data) > TAIL:
            self.sock.sendall(data[:-TAIL])
        self.release()
        self.sock.sendall(data[-TAIL:])

    def start(self, *fields: str) -> None:
        """Send the header block of a healthy answer, but for its length."""
        content_type = f"Content-Type: {self.resource.content_type}"
        self.sock.sendall(self.head(self.resource.status, content_type, *fields))

    def send_body(self, data: bytes) -> None:
        """Send some bytes of the body. The answer to a HEAD has none."""
        if self.method != "HEAD":
            self.sock.sendall(data)

    @property
    def half(self) -> bytes:
        """The first half of the body."""
        return self.resource.body[: len(self.resource.body) // 2]

    @property
    def length(self) -> str:
        """The header field that promises all of the body."""
        return f"Content-Length: {len(self.resource.body)}"

    def reset(self) -> End:
        """End with a RST, once the client could read what it was sent: a RST may overtake it."""
        self.ended.wait(SETTLE)
        return End.RESET

    def silence(self) -> End:
        """Send nothing more, till the client goes or the server does."""
        while receive(self.sock, self.ended):
            pass
        return End.CLOSE


def phrase(code: int) -> str:
    """Return what a status is called."""
    try:
        return HTTPStatus(code).phrase
    except ValueError:
        return "Unknown"
