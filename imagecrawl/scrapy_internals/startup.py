"""What is looked at, and put right, before a crawl begins?"""

from __future__ import annotations

import functools
import inspect
import logging
import sys
from collections.abc import Callable
from typing import Any

import scrapy.utils.log
import tldextract.tldextract
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares import cookies
from scrapy.settings import Settings
from scrapy.spiders import Spider

from imagecrawl.errors import ConfigError
from imagecrawl.scrapy_internals.connections import check_connections
from imagecrawl.scrapy_internals.engine import check_engine
from imagecrawl.scrapy_internals.expected import expect


def check(crawler: Crawler) -> None:
    """Raise :exc:`ConfigError` if this Scrapy is not as expected."""
    check_engine(crawler)
    check_connections()


def prepare_log_handlers(prepare: Callable[[logging.Handler, Settings], None]) -> None:
    """Let *prepare* see every handler that Scrapy makes from here on, with its settings.

    Scrapy replaces its handler whenever a crawl begins, and has settings for a formatter's text
    only: not for the formatter, and none for a filter.
    """
    expect(scrapy.utils.log, "_get_handler")
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
