"""How does a page of a site get into a file, byte for byte?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response


class SavePageSpider(Spider):
    """Writes the page at *url* to *file*, if it can be had at the first attempt.

    It asks as all spiders of the project do, with a browser's headers; what a browser is not
    given would be no page to test on.
    """

    name = "save-page"
    custom_settings = {  # noqa: RUF012  # as Scrapy declares it
        "IMAGECRAWL_FRONTIER_ENABLED": False,
        "ITEM_PIPELINES": {},
        "RETRY_TIMES": 0,
        "DOWNLOAD_TIMEOUT": 30,
    }

    def __init__(self, url: str, file: Path) -> None:
        super().__init__()
        self.url = url
        self.file = file

    async def start(self) -> AsyncIterator[Any]:
        yield Request(self.url, meta={"dont_obey_robotstxt": True})

    def parse(self, response: Response, **_: Any) -> None:
        self.file.write_bytes(response.body)
