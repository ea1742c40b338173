"""May this be asked for, as far as the site's robots.txt says?"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from typing import Any

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.datatypes import LocalCache
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import build_from_crawler, load_object
from typing_extensions import Self

from imagecrawl.errors import AttemptFailed
from imagecrawl.frontier.intake import host_of
from imagecrawl.jobs.job import hosts_of
from imagecrawl.meta import ENTRY_KEY, ROBOTS_KEY
from imagecrawl.outcomes import Reason
from imagecrawl.policies.failures import Failure, classify_exception
from imagecrawl.policies.health import CONNECTION
from imagecrawl.robots import robots_agent

logger = logging.getLogger(__name__)

_PRIORITY = 1000
_LOOK_SECS = 0.5
_MOST_KNOWN = 10_000
"""Of more sites than these in one crawl, the first is asked for its robots.txt again."""


class RobotsMiddleware:
    """Keeps to robots.txt as Scrapy's own middleware does, with its settings, stats and signal.

    But a request from the frontier goes back there while the host of its robots.txt is left
    alone, and the robots.txt waits outside the downloader: with Scrapy's, sixty such hosts would
    hold all places, and nothing else would be crawled.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._hosts = hosts_of(crawler)
        self._parser: Any = load_object(crawler.settings["ROBOTSTXT_PARSER"])
        self._known: LocalCache[str, RobotParser | None] = LocalCache(_MOST_KNOWN)
        self._waiting: Counter[str] = Counter()
        self._fetching: dict[str, asyncio.Future[RobotParser | None]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if request.meta.get("dont_obey_robotstxt") or not request.url.startswith("http"):
            return
        parser = await self._of(request)
        if parser is None:
            return
        if not parser.allowed(request.url, robots_agent(self._crawler.settings, request)):
            logger.debug("Forbidden by robots.txt: %s", request)
            self._crawler.stats.inc_value("robotstxt/forbidden")
            raise IgnoreRequest("Forbidden by robots.txt")

    async def _of(self, request: Request) -> RobotParser | None:
        site = urlparse_cached(request).netloc
        if site in self._known:
            return self._known[site]
        self._waiting[site] += 1
        try:
            return await self._wait(request, site)
        finally:
            self._waiting[site] -= 1
            if not self._waiting[site]:
                del self._waiting[site]

    async def _wait(self, request: Request, site: str) -> RobotParser | None:
        fetching = self._fetching.get(site)
        if fetching is None:
            fetching = self._fetching[site] = asyncio.ensure_future(self._fetch(request))
            fetching.add_done_callback(lambda done: self._fetched(site, done))
        host = host_of(request)
        while True:
            done, _ = await asyncio.wait({fetching}, timeout=_LOOK_SECS)
            if done:
                return fetching.result()
            if ENTRY_KEY in request.meta and self._is_left_alone(host):
                raise AttemptFailed(Reason.HOST_PAUSED.value, f"{host} is left alone")

    def _is_left_alone(self, host: str) -> bool:
        # While the network is down whoever waits here keeps all others from trying it.
        return self._hosts is not None and (self._hosts.outages.active or self._hosts.paused(host))

    def _fetched(self, site: str, fetching: asyncio.Future[RobotParser | None]) -> None:
        del self._fetching[site]
        if not fetching.cancelled() and fetching.exception() is None:
            self._known[site] = fetching.result()

    async def _fetch(self, request: Request) -> RobotParser | None:
        """Return the parser of a site's robots.txt; ``None`` where there is none to be had."""
        stats, parts = self._crawler.stats, urlparse_cached(request)
        stats.inc_value("robotstxt/request_count")
        response = await self._ask(f"{parts.scheme}://{parts.netloc}/robots.txt", parts.netloc)
        if response is None:
            return None
        stats.inc_value("robotstxt/response_count")
        stats.inc_value(f"robotstxt/response_status_count/{response.status}")
        # An error page is not a robots.txt (RFC 9309, 2.3.1.3).
        body = response.body if response.status < 400 else b""
        parser: RobotParser = build_from_crawler(self._parser, self._crawler, body)
        await self._crawler.signals.send_catch_log_async(
            signal=signals.robots_parsed, robotparser=parser, request=request
        )
        return parser

    async def _ask(self, url: str, site: str) -> Response | None:
        """Return the answer, however long it is to be waited for; ``None`` if there is none.

        Raises :exc:`AttemptFailed` when nobody waits for it any more, or the crawl is stopping.
        """
        while True:
            meta = {"dont_obey_robotstxt": True, ROBOTS_KEY: True}
            asked = Request(url, priority=_PRIORITY, meta=meta, callback=NO_CALLBACK)
            try:
                return await self._crawler.engine.download_async(asked)
            except Exception as error:
                failure = classify_exception(error)
                if failure.reason == Reason.SHUTDOWN.value:
                    raise
                if not self._is_to_wait(failure):
                    logger.warning("%s cannot be had, and is taken to allow all: %s", url, error)
                    self._crawler.stats.inc_value(f"robotstxt/exception_count/{type(error)}")
                    return None
            await asyncio.sleep(_LOOK_SECS)
            if site not in self._waiting:
                raise AttemptFailed(Reason.HOST_PAUSED.value, f"nobody waits for {url}")

    def _is_to_wait(self, failure: Failure) -> bool:
        """Tell whether the host is left alone for now, or the network is down."""
        if failure.reason == Reason.HOST_PAUSED.value:
            return True
        outage = self._hosts is not None and self._hosts.outages.active
        return outage and failure.reason in CONNECTION
