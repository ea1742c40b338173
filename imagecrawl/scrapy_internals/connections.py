"""How does Twisted treat the connections of Scrapy's HTTP/1.1 handler?"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from twisted.python.failure import Failure
from twisted.web import _newclient
from twisted.web.client import HTTPConnectionPool

from imagecrawl.errors import ConfigError
from imagecrawl.scrapy_internals.expected import expect

REUSED = "imagecrawl_reused_connection"
"""The attribute of an exception that came over a connection which had been used before."""
_BEFORE_THE_BODY = ("STATUS", "HEADER")


def check_connections() -> None:
    """Raise :exc:`ConfigError` if connections are not made, kept and read as expected."""
    # A handler is made with the first request: till then its code says what it will have.
    if "_pool" not in inspect.unwrap(HTTP11DownloadHandler.__init__).__code__.co_names:
        raise ConfigError("this version of Scrapy has no HTTP11DownloadHandler._pool")
    pool: Callable[..., Any] = HTTPConnectionPool
    expect(pool(None), "_factory", "_connections", "_timeouts", "_removeConnection", of="Twisted")
    expect(_newclient, "HTTP11ClientProtocol", "HTTPClientParser", of="Twisted")
    expect(_newclient.HTTP11ClientProtocol, "_parser", of="Twisted")
    _check_reading(_newclient.HTTPClientParser)


def _check_reading(make_parser: Any) -> None:
    parser = make_parser(None, None)
    parser.makeConnection(None)
    expect(parser, "MAX_LENGTH", "_transferDecoders", "state", of="Twisted")
    for state, data in zip(_BEFORE_THE_BODY, (b"", b"HTTP/1.1 200 OK\r\n"), strict=True):
        parser.dataReceived(data)
        if parser.state != state:
            raise ConfigError(f"this version of Twisted has no HTTPClientParser.state {state}")
    chunked = parser._transferDecoders.get(b"chunked")
    if chunked is None:
        raise ConfigError("this version of Twisted reads chunks in another way")
    expect(chunked(None, None), "_buffer", "_start", "_dataReceived_CHUNK_LENGTH", of="Twisted")


def tame(handler: HTTP11DownloadHandler, max_header_bytes: int) -> None:
    """Change how *handler* treats its connections.

    * Twisted sends a request a second time, at once, when a reused connection was dead: in a
      ban that doubles what is sent into it. Not any more: the exception is marked as
      :data:`REUSED`, and whoever sent the request knows.
    * Twisted keeps all that comes until the empty line, so headers without an end would fill
      the memory: longer ones than *max_header_bytes* end in a ``ConnectionAborted``.
    * Twisted closes the connection at a line of over 16 KiB; that is as good as any other header.
    * Blanks behind the size of a chunk, as old servers send, are passed over (RFC 9112, 7.1.1).
    """
    check_connections()
    pool = handler._pool
    pool.retryAutomatically = False
    stock = pool._factory
    decoders = _newclient.HTTPClientParser._transferDecoders
    decoders = {**decoders, b"chunked": _tolerant(decoders[b"chunked"])}

    class TameFactory(stock):  # type: ignore[misc, valid-type]
        def buildProtocol(self, addr: Any) -> Any:
            protocol = super().buildProtocol(addr)
            protocol.dataReceived = _limited(protocol, max_header_bytes)
            protocol.request = _requesting(protocol, decoders)
            return protocol

    pool._factory = TameFactory


def close_idle(handler: HTTP11DownloadHandler, url: str) -> None:
    """Close the connections of *handler* to the host of *url* that nobody uses.

    A server that allows one connection only would reset every other, as long as they are open.
    """
    parts = urlsplit(url)
    pool: Any = handler._pool
    port = parts.port or {"https": 443}.get(parts.scheme, 80)
    for key in [*pool._connections]:
        if key[1:3] == ((parts.hostname or "").encode(), port):
            for connection in [*pool._connections[key]]:
                pool._timeouts[connection].cancel()
                pool._removeConnection(key, connection)


def _requesting(protocol: Any, decoders: dict[bytes, Any]) -> Callable[[Any], Any]:
    request, used = protocol.request, False

    def mark(failure: Failure) -> Failure:
        setattr(failure.value, REUSED, True)
        return failure

    def requesting(tx_request: Any) -> Any:
        nonlocal used
        answer = request(tx_request)
        if protocol._parser is not None:
            protocol._parser.MAX_LENGTH = sys.maxsize  # of a line; all of them have their limit
            protocol._parser._transferDecoders = decoders
        if used:
            answer.addErrback(mark)
        used = True
        return answer

    return requesting


def _tolerant(stock: Any) -> Any:
    class TolerantDecoder(stock):  # type: ignore[misc]
        def _dataReceived_CHUNK_LENGTH(self) -> bool:
            end = self._buffer.find(b"\r\n")
            if end >= 0:
                size, mark, extension = self._buffer[:end].partition(b";")
                self._buffer[:end] = size.rstrip(b" \t") + mark + extension
                self._start = 0  # where to look for the end of the line, which may be nearer now
            read: bool = super()._dataReceived_CHUNK_LENGTH()
            return read

    return TolerantDecoder


def _limited(protocol: Any, max_bytes: int) -> Callable[[bytes], None]:
    receive = protocol.dataReceived
    counted_for, count = None, 0

    def data_received(data: bytes) -> None:
        nonlocal counted_for, count
        parser = protocol._parser
        if parser is not None and parser.state in _BEFORE_THE_BODY:
            if parser is not counted_for:
                counted_for, count = parser, 0
            end = data.find(b"\r\n\r\n")  # behind it is the body
            count += end if end >= 0 else len(data)
            if count > max_bytes:
                protocol.transport.abortConnection()
                return
        receive(data)

    return data_received
