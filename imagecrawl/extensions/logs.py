"""How is the log written, where it was not the ``crawl`` command that has begun it?"""

from __future__ import annotations

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from typing_extensions import Self

from imagecrawl.logs.json_lines import use_json_lines


class LogsExtension:
    """Sees to ``IMAGECRAWL_LOG_JSON`` for crawls from a script, or set by a spider; the command
    has done it before the first line."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        use_json_lines(crawler.settings)
        raise NotConfigured
