"""What imagecrawl needs of Scrapy beyond its documented API: here, and nowhere else.

:func:`check` is called when a crawl starts, so that a Scrapy that has moved these things is
noticed at once, by name, and not in the middle of a night's crawl.
"""

from __future__ import annotations

import functools
import inspect
import logging
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import scrapy.utils.log
import tldextract.tldextract
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares import cookies
from scrapy.settings import Settings
from scrapy.spiders import Spider
from twisted.python.failure import Failure
from twisted.web import _newclient

from imagecrawl.errors import ConfigError


def check(crawler: Crawler) -> None:
    """Raise :exc:`ConfigError` if this Scrapy is not as expected."""
    engine = crawler.engine
    for owner, name in (
        (engine, "downloader"),
        (engine, "scraper"),
        (engine, "scheduler"),
        (engine.downloader, "slots"),
        (engine.downloader, "active"),
        (engine.scraper, "slot"),
    ):
        if not hasattr(owner, name):
            raise ConfigError(f"this version of Scrapy has no {type(owner).__name__}.{name}")
    if not hasattr(_newclient.HTTPClientParser, "MAX_LENGTH"):
        raise ConfigError("this version of Twisted has no HTTPClientParser.MAX_LENGTH")
    decoders = getattr(_newclient.HTTPClientParser, "_transferDecoders", {})
    if not hasattr(decoders.get(b"chunked"), "_dataReceived_CHUNK_LENGTH"):
        raise ConfigError("this version of Twisted reads chunks in another way")


def slot_delay(crawler: Crawler, key: str) -> float:
    """Return the present delay of the downloader slot *key* in seconds, 0 if there is none."""
    slot = crawler.engine.downloader.slots.get(key)
    return slot.delay if slot is not None else 0.0


def set_slot_delay(crawler: Crawler, key: str, delay: float, *, exact: bool) -> None:
    """Set the delay of the downloader slot *key* in seconds, if there is one.

    *exact*: without the jitter, which may shorten it.
    """
    slot = crawler.engine.downloader.slots.get(key)
    if slot is not None:
        slot.delay = delay
        if exact:
            slot.jitter = 0.0


def slot_is_new(crawler: Crawler, key: str) -> bool:
    """Tell whether nothing has been sent through the downloader slot *key* yet."""
    slot = crawler.engine.downloader.slots.get(key)
    return slot is None or not slot.lastseen


REUSED = "imagecrawl_reused_connection"
"""The attribute of an exception that came over a connection which had been used before."""


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
    pool = handler._pool
    if not all(hasattr(pool, name) for name in ("_factory", "_connections", "_removeConnection")):
        raise ConfigError("this version of Twisted keeps its connections in another way")
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
        if parser is not None and parser.state in ("STATUS", "HEADER"):
            if parser is not counted_for:
                counted_for, count = parser, 0
            end = data.find(b"\r\n\r\n")  # behind it is the body
            count += end if end >= 0 else len(data)
            if count > max_bytes:
                protocol.transport.abortConnection()
                return
        receive(data)

    return data_received


def fail_queued_downloads(crawler: Crawler, error: Exception) -> int:
    """Fail every request that waits in the downloader for its slot's delay; return how many.

    A slot's timer may be half a minute away, and Scrapy waits for it before it closes.
    """
    failed = 0
    for slot in crawler.engine.downloader.slots.values():
        while slot.queue:
            _, deferred = slot.queue.popleft()
            deferred.errback(error)
            failed += 1
    return failed


def nothing_in_work(crawler: Crawler) -> bool:
    """Tell whether no request is in the scheduler, the downloader or the scraper."""
    engine = crawler.engine
    scraper_slot = engine.scraper.slot
    scheduler = engine.scheduler
    return not (
        engine.downloader.active
        or (scraper_slot is not None and not scraper_slot.is_idle())
        or (scheduler is not None and scheduler.has_pending_requests())
    )


def has_closed(crawler: Crawler) -> bool:
    """Tell whether the close of the spider has come to its end.

    The signal ``engine_stopped`` does not: Ctrl-C in the middle of the close sends it at once.
    """
    try:
        return crawler.engine.spider is None
    except RuntimeError:  # there is no engine yet
        return False


def prepare_log_handlers(prepare: Callable[[logging.Handler, Settings], None]) -> None:
    """Let *prepare* see every handler that Scrapy makes from here on, with its settings.

    Scrapy replaces its handler whenever a crawl begins, and has settings for a formatter's text
    only: not for the formatter, and none for a filter.
    """
    if not hasattr(scrapy.utils.log, "_get_handler"):
        raise ConfigError("this version of Scrapy has no scrapy.utils.log._get_handler")
    stock = inspect.unwrap(scrapy.utils.log._get_handler)

    @functools.wraps(stock)
    def prepared(settings: Settings) -> logging.Handler:
        handler: logging.Handler = stock(settings)
        prepare(handler, settings)
        return handler

    scrapy.utils.log._get_handler = prepared


def keep_suffixes_local() -> None:
    """Let nobody download the public suffix list: tldextract comes with a copy.

    At the first ``Set-Cookie`` Scrapy's cookie middleware would fetch it in the reactor's thread,
    without a timeout: behind a proxy that is silent, all stands still, and Ctrl-C with it. A
    spider that calls ``tldextract.extract`` would do the same.
    """
    for module, name in ((cookies, "_split_domain"), (tldextract.tldextract, "TLD_EXTRACTOR")):
        stock = getattr(module, name, None)
        if not isinstance(stock, tldextract.TLDExtract):
            raise ConfigError(f"this version of {module.__name__} has no {name}")
        if stock.suffix_list_urls:
            bundled = tldextract.TLDExtract(
                suffix_list_urls=(),
                cache_dir=None,
                include_psl_private_domains=stock.include_psl_private_domains,
            )
            setattr(module, name, bundled)


def run_by_stock_command(crawler: Crawler, spider: Spider) -> bool:
    """Tell whether `scrapy check`, `fetch`, `parse`, `view` or `shell` runs the spider.

    Those put their own ``start`` on the spider (the shell has ``KEEP_ALIVE`` instead), and are
    for looking at one page: a durable job would only be in the way.
    """
    module = getattr(type(spider).start, "__module__", "") or ""
    return module.startswith("scrapy.commands.") or crawler.settings.getbool("KEEP_ALIVE")


def spider_arguments(crawler: Crawler) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
    """Return the positional and the named arguments that ``Crawler.crawl`` has got for its spider,
    ``None`` outside of it.

    Scrapy hands them to the spider and forgets them; but it makes its extensions in the same call.
    """
    crawls = [inspect.unwrap(getattr(Crawler, name)) for name in ("crawl", "crawl_async")]
    codes = [crawl.__code__ for crawl in crawls]
    if any(code.co_varnames[:3] != ("self", "args", "kwargs") for code in codes):
        raise ConfigError("this version of Scrapy has another Crawler.crawl: name the job")
    frame = sys._getframe()
    while frame.f_back is not None:
        frame = frame.f_back
        if frame.f_code in codes and frame.f_locals["self"] is crawler:
            return frame.f_locals["args"], frame.f_locals["kwargs"]
    return None
