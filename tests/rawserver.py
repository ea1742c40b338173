"""A server on raw sockets whose every answer is a function of the test's own."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Asked:
    """One request, with the connection to answer on."""

    path: str
    headers: dict[str, str]
    sock: socket.socket
    connection: int
    at: float = field(default_factory=time.monotonic)
    sent: int = 0

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)
        self.sent += len(data)

    def answer(self, body: bytes = b"", status: str = "200 OK", **headers: Any) -> None:
        """Send a whole answer; ``Retry_After`` in *headers* is ``Retry-After``."""
        headers = {"Content_Length": len(body), "Content_Type": "image/png", **headers}
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        head = "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""])
        self.sock.sendall(head.encode("latin-1"))
        if body:
            self.send(body)

    def reset(self) -> None:
        """End the connection with a RST, and not before what was sent has been read."""
        time.sleep(0.2)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


class RawServer:
    """Calls ``handle(asked)`` for each request, in a thread for each connection.

    Connections above *most* at the same time are reset, and counted in ``refused``.
    """

    def __init__(
        self, handle: Callable[[Asked], None], host: str = "127.0.0.1", most: int = 1000
    ) -> None:
        self.handle = handle
        self.host = host
        self.most = most
        self.refused = 0
        self._live = 0
        self._lock = threading.Lock()
        self.asked: list[Asked] = []
        self._listener: socket.socket | None = None
        self._sockets: list[socket.socket] = []
        self.port = 0

    def url(self, path: str = "/") -> str:
        host = "127.0.0.1" if self.host == "0.0.0.0" else self.host
        return f"http://{host}:{self.port}{path}"

    def __enter__(self) -> RawServer:
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    def up(self) -> None:
        """Listen, on the same port as before if there was one."""
        self._listener = socket.create_server((self.host, self.port), backlog=200)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def down(self) -> None:
        """Listen no more, and end every connection."""
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        for sock in self._sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        self._sockets.clear()

    def _accept(self, listener: socket.socket) -> None:
        number = 0
        with contextlib.suppress(OSError):
            while True:
                sock, _ = listener.accept()
                number += 1
                with self._lock:
                    allowed = self._live < self.most
                    self._live += allowed
                if not allowed:
                    self.refused += 1
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    sock.close()
                    continue
                self._sockets.append(sock)
                threading.Thread(target=self._counted, args=(sock, number), daemon=True).start()

    def _counted(self, sock: socket.socket, number: int) -> None:
        try:
            self._serve(sock, number)
        finally:
            with self._lock:
                self._live -= 1

    def _serve(self, sock: socket.socket, number: int) -> None:
        buffer = b""
        with contextlib.suppress(OSError, ValueError):
            while True:
                while b"\r\n\r\n" not in buffer:
                    data = sock.recv(65_536)
                    if not data:
                        return
                    buffer += data
                head, _, buffer = buffer.partition(b"\r\n\r\n")
                first, *lines = head.decode("latin-1").split("\r\n")
                pairs = (line.split(": ", 1) for line in lines)
                asked = Asked(first.split()[1], {k.lower(): v for k, v in pairs}, sock, number)
                self.asked.append(asked)
                self.handle(asked)
