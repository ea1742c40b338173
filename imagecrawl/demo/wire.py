"""What do the raw sockets of the fault server do, on every system?

A connection's socket belongs to its thread, and always has a timeout: its descriptor is in
non-blocking mode then, so that another thread may look at it without ever waiting (:func:`gone`),
and a wait can end with the server on systems where nothing else would wake it up.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import threading
import time
from typing import NamedTuple

MAX_HEAD = 64 * 1024
LINGER_SECONDS = 1.0
SEND_SECONDS = 300.0
LOOK_SECONDS = 0.5
"""How often a wait looks whether the server has ended."""

# Two ints, but on Windows two shorts.
_LINGER = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)


class Request(NamedTuple):
    """The header block of a request."""

    method: str
    path: str
    headers: dict[str, str]
    """Names in lower case."""
    keep_alive: bool


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that holds *port* (0: any), without listening."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere the option lets anybody take the port as well
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock


def prepare(sock: socket.socket) -> None:
    """Make a new connection ready for the functions below."""
    sock.settimeout(SEND_SECONDS)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def receive(sock: socket.socket, ended: threading.Event, idle: float | None = None) -> bytes:
    """Return what comes: no byte when the client leaves or the server goes down.

    Raises ``TimeoutError`` after *idle* seconds of silence.
    """
    deadline = time.monotonic() + idle if idle else float("inf")
    try:
        while not ended.is_set():
            left = max(0.001, deadline - time.monotonic())
            sock.settimeout(min(LOOK_SECONDS, left))
            try:
                return sock.recv(65536)
            except TimeoutError:
                if time.monotonic() >= deadline:
                    raise
        return b""
    finally:
        sock.settimeout(SEND_SECONDS)


def read_request(
    sock: socket.socket, buffer: bytearray, ended: threading.Event, idle: float | None
) -> Request | None:
    """Return the next request; None when the client left or sends what is no HTTP.

    Raises ``TimeoutError`` when it sends nothing for *idle* seconds.
    """
    while (end := buffer.find(b"\r\n\r\n")) < 0:
        data = receive(sock, ended, idle)
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


def gone(sock: socket.socket) -> bool:
    """Tell whether the client closed its side of the connection, or reset it.

    For other threads than the socket's own. A timeout belongs to the Python object, so this
    looks through one of its own, at the same descriptor; ``MSG_DONTWAIT`` is not everywhere.
    """
    view = socket.socket(sock.family, sock.type, sock.proto, fileno=sock.fileno())
    try:
        view.setblocking(False)
        return not view.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        view.detach()


def reset(sock: socket.socket) -> None:
    """Close with a RST: what is left to send is thrown away.

    That holds for the last descriptor of the socket only, so nobody may dup() it (as
    ``makefile()`` would keep it open, too).
    """
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
    sock.close()


def drain(sock: socket.socket) -> None:
    """FIN, then read on till the client closes: close() with bytes unread would be a RST."""
    sock.shutdown(socket.SHUT_WR)
    sock.settimeout(LINGER_SECONDS)
    while sock.recv(4096):
        pass


def shutdown(sock: socket.socket) -> None:
    """End both directions, which wakes up whoever waits for the socket on most systems."""
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
