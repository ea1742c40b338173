"""What imagecrawl needs of Scrapy and Twisted beyond their documented API: here, and nowhere else.

:func:`check` is called when a crawl starts, so that a Scrapy that has moved these things is
noticed at once, by name, and not in the middle of a night's crawl.
"""

from imagecrawl.scrapy_internals.connections import REUSED, close_idle, tame
from imagecrawl.scrapy_internals.engine import (
    fail_queued_downloads,
    has_closed,
    nothing_in_work,
    set_slot_delay,
    slot_delay,
    slot_is_new,
)
from imagecrawl.scrapy_internals.startup import (
    check,
    keep_suffixes_local,
    prepare_log_handlers,
    run_by_stock_command,
    spider_arguments,
)

__all__ = [
    "REUSED",
    "check",
    "close_idle",
    "fail_queued_downloads",
    "has_closed",
    "keep_suffixes_local",
    "nothing_in_work",
    "prepare_log_handlers",
    "run_by_stock_command",
    "set_slot_delay",
    "slot_delay",
    "slot_is_new",
    "spider_arguments",
    "tame",
]
