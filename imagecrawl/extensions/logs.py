"""How is the log written, where it was none of our commands that has begun it?"""

from __future__ import annotations

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from typing_extensions import Self

from imagecrawl.logs.handler import prepare_logs


class LogsExtension:
    """Prepares the log of crawls from a script; the commands have done it before the first line."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        prepare_logs(crawler.settings)
        raise NotConfigured
