"""Which requests are answered from the store? Those of items that name an image we have."""

from __future__ import annotations

from pathlib import Path

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from typing_extensions import Self

from imagecrawl.jobs.job import job_of
from imagecrawl.meta import STORED_KEY
from imagecrawl.places import store_of


class StoredImageMiddleware:
    """Answers with the bytes of the file that the frontier names, if they are still there."""

    def __init__(self, store: Path) -> None:
        self._store = store

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if job_of(crawler) is None or not crawler.settings.get("IMAGES_STORE"):
            raise NotConfigured
        return cls(store_of(crawler.settings))

    def process_request(self, request: Request) -> Response | None:
        path = request.meta.get(STORED_KEY)
        if path is None:
            return None
        try:
            return Response(request.url, body=(self._store / path).read_bytes(), flags=["stored"])
        except OSError:
            return None  # the user has removed it: then it is asked for after all
