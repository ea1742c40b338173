"""What does Prometheus read? An optional endpoint on this machine only."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.error import CannotListenError
from twisted.web.resource import Resource
from twisted.web.server import Site
from typing_extensions import Self

from imagecrawl.config import Config
from imagecrawl.errors import ConfigError
from imagecrawl.jobs.job import job_of

logger = logging.getLogger(__name__)

_LOOPBACK = "127.0.0.1"


class PrometheusExtension:
    """Serves ``http://127.0.0.1:PORT/metrics`` while the crawl runs
    (``IMAGECRAWL_PROMETHEUS_PORT``; 0 or None: not at all).

    Answered by the event loop: the numbers are of one moment, and there is no other thread.
    """

    def __init__(self, crawler: Crawler, port: int, text: Callable[[], bytes]) -> None:
        self._port = port
        self._text = text
        self._listening: Any = None
        crawler.signals.connect(self._spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(self._spider_closed, signal=signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        port = Config.from_settings(crawler.settings).prometheus_port
        job = job_of(crawler)
        if not port or job is None or crawler.spider is None:
            raise NotConfigured
        try:
            from prometheus_client import CollectorRegistry
            from prometheus_client.exposition import generate_latest

            from imagecrawl.watch.metrics import CrawlCollector
        except ImportError:
            raise ConfigError(
                f"IMAGECRAWL_PROMETHEUS_PORT={port} needs prometheus-client: "
                "pip install 'imagecrawl[prometheus]', or pip install prometheus-client"
            ) from None
        registry = CollectorRegistry()
        registry.register(CrawlCollector(job, crawler.spider.name, crawler.stats))
        return cls(crawler, port, lambda: generate_latest(registry))

    def _spider_opened(self) -> None:
        from twisted.internet import reactor  # importing it earlier would choose which one

        # Twisted's web server has hardly any types.
        root: Any = Resource()  # type: ignore[no-untyped-call]
        root.putChild(b"metrics", _Metrics(self._text))
        site: Any = Site(root)  # type: ignore[no-untyped-call]
        site.noisy = False
        listen: Callable[..., Any] = reactor.listenTCP
        try:
            self._listening = listen(self._port, site, interface=_LOOPBACK)
        except CannotListenError as error:
            # Another crawl of the same machine has it, most likely: no reason not to crawl.
            logger.warning(
                "no metrics, for port %d is not to be had (%s): give each crawl of this machine "
                "an IMAGECRAWL_PROMETHEUS_PORT of its own",
                *(self._port, error.socketError),
            )
        else:
            logger.info("metrics at http://%s:%d/metrics", _LOOPBACK, self._port)

    async def _spider_closed(self, spider: Spider) -> None:
        if self._listening is not None:
            await maybe_deferred_to_future(self._listening.stopListening())


class _Metrics(Resource):
    isLeaf = True

    def __init__(self, text: Callable[[], bytes]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._text = text

    def render_GET(self, request: Any) -> bytes:
        request.setHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        return self._text()
