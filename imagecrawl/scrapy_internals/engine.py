"""What do the engine, the downloader and its slots have in work, and how fast are they?"""

from __future__ import annotations

import scrapy.core.downloader
import scrapy.core.scraper
from scrapy.crawler import Crawler

from imagecrawl.scrapy_internals.expected import expect


def check_engine(crawler: Crawler) -> None:
    """Raise :exc:`ConfigError` if its engine is not as expected."""
    engine = crawler.engine
    expect(engine, "downloader", "scraper", "scheduler", "spider")
    expect(engine.downloader, "slots", "active")
    expect(engine.scraper, "slot")
    # There is no slot yet; those of the downloader come and go.
    for module in (scrapy.core.downloader, scrapy.core.scraper):
        expect(module, "Slot")
    expect(scrapy.core.downloader.Slot, "delay", "jitter", "lastseen", "queue")
    expect(scrapy.core.scraper.Slot, "is_idle")


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
