"""What imagecrawl needs of Scrapy beyond its documented API: here, and nowhere else.

:func:`check` is called when a crawl starts, so that a Scrapy that has moved these things is
noticed at once, by name, and not in the middle of a night's crawl.
"""

from __future__ import annotations

from scrapy.crawler import Crawler
from scrapy.spiders import Spider

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


def slot_delay(crawler: Crawler, key: str) -> float:
    """Return the present delay of the downloader slot *key* in seconds, 0 if there is none."""
    slot = crawler.engine.downloader.slots.get(key)
    return slot.delay if slot is not None else 0.0


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


def run_by_stock_command(crawler: Crawler, spider: Spider) -> bool:
    """Tell whether `scrapy check`, `fetch`, `parse`, `view` or `shell` runs the spider.

    Those put their own ``start`` on the spider (the shell has ``KEEP_ALIVE`` instead), and are
    for looking at one page: a durable job would only be in the way.
    """
    module = getattr(type(spider).start, "__module__", "") or ""
    return module.startswith("scrapy.commands.") or crawler.settings.getbool("KEEP_ALIVE")
