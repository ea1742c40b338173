"""How slowly must a host be asked, whatever AutoThrottle thinks of it?"""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import Any

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.robotstxt import RobotParser
from typing_extensions import Self

from imagecrawl import scrapy_internals
from imagecrawl.config import Config
from imagecrawl.frontier.hosts import Hosts
from imagecrawl.frontier.intake import host_of, slot_of
from imagecrawl.jobs.job import hosts_of
from imagecrawl.robots import robots_agent

_MOST_REMEMBERED = 10_000


class ThrottleExtension:
    """AutoThrottle's other half. AutoThrottle sets a delay by latency, which a ban does not
    raise; this extension keeps the delay of a slot at or above

    * what the host's troubles have taught (:mod:`imagecrawl.policies.health`),
    * the ``Crawl-delay`` of its robots.txt (up to ``IMAGECRAWL_CRAWL_DELAY_MAX_SECS``),
    * its ``delay`` in ``DOWNLOAD_SLOTS``, which AutoThrottle would undercut;

    and gives a slot that Scrapy has dropped after 60 idle seconds its delay back.
    """

    def __init__(self, crawler: Crawler, hosts: Hosts, crawl_delay_max_secs: float) -> None:
        self._crawler = crawler
        self._hosts = hosts
        self._crawl_delay_max_secs = crawl_delay_max_secs
        self._configured = crawler.settings.getdict("DOWNLOAD_SLOTS")
        self._remembered: OrderedDict[str, float] = OrderedDict()
        # Connected after AutoThrottle, and so called after it.
        for handler, signal in (
            (self._reached_downloader, signals.request_reached_downloader),
            (self._downloaded, signals.response_downloaded),
            (self._robots_parsed, signals.robots_parsed),
        ):
            crawler.signals.connect(handler, signal=signal)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        hosts = hosts_of(crawler)
        if hosts is None:
            raise NotConfigured
        config = Config.from_settings(crawler.settings).hosts
        return cls(crawler, hosts, config.crawl_delay_max_secs)

    def _floor(self, slot: str) -> float:
        configured = self._configured.get(slot) or {}
        return max(self._hosts.delay(slot), float(configured.get("delay") or 0.0))

    def _reached_downloader(self, request: Request) -> None:
        slot = slot_of(request)
        delay = self._floor(slot)
        if scrapy_internals.slot_is_new(self._crawler, slot):
            delay = max(delay, self._remembered.get(slot, 0.0))
        self._raise(slot, delay)

    def _downloaded(self, request: Request, response: Any) -> None:
        slot = slot_of(request)
        self._raise(slot, self._floor(slot))
        self._remembered[slot] = scrapy_internals.slot_delay(self._crawler, slot)
        self._remembered.move_to_end(slot)
        if len(self._remembered) > _MOST_REMEMBERED:
            self._remembered.popitem(last=False)

    def _raise(self, slot: str, delay: float) -> None:
        if delay > scrapy_internals.slot_delay(self._crawler, slot):
            asked_for = self._hosts.floor(slot) >= delay
            scrapy_internals.set_slot_delay(self._crawler, slot, delay, exact=asked_for)

    def _robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        delay = robotparser.crawl_delay(robots_agent(self._crawler.settings, request))
        if delay is not None and math.isfinite(delay) and delay > 0:
            self._hosts.set_floor(host_of(request), min(delay, self._crawl_delay_max_secs))
