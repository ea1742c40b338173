"""Fetch the URLs of a plan, given as JSON, and print what became of each.

A process of its own: the reactor runs once. No frontier, so that only the handler is at work.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from typing import Any

from scrapy import Request, Spider
from scrapy.core.engine import ExecutionEngine
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure as TxFailure

from imagecrawl.policies.failures import classify_exception
from imagecrawl.signals import shutdown_deadline
from tests.frontier.support import numbers

ExecutionEngine._SLOT_HEARTBEAT_INTERVAL = 0.1
RESULTS: dict[str, list[str]] = {}


class Fetcher(Spider):
    name = "fetcher"
    plan: dict[str, Any]

    async def start(self) -> AsyncIterator[Any]:
        if "deadline" in self.plan:
            asyncio.get_running_loop().call_later(self.plan["deadline"], self.stop)
        for url, meta in self.plan["urls"]:
            yield Request(url, self.got, meta=meta, errback=self.failed, dont_filter=True)

    def stop(self) -> None:
        self.crawler.signals.send_catch_log(signal=shutdown_deadline)

    def got(self, response: Response) -> Any:
        self.note(response.request, "ok", str(len(response.body)))
        if "then" in response.meta:
            yield Request(response.meta["then"], self.got, errback=self.failed, dont_filter=True)

    def failed(self, failure: TxFailure) -> Any:
        assert isinstance(failure.value, Exception)
        if isinstance(failure.value, HttpError):
            named = f"http_{failure.value.response.status}", ""
        else:
            known = classify_exception(failure.value)
            named = known.reason, known.detail
        request = failure.request  # type: ignore[attr-defined]
        self.note(request, *named)
        if "then" in request.meta:
            yield Request(request.meta["then"], self.got, errback=self.failed, dont_filter=True)

    def note(self, request: Request | None, *words: str) -> None:
        assert request is not None
        RESULTS[request.url] = list(words)


def main() -> None:
    plan = json.loads(sys.stdin.read())
    handler = "imagecrawl.handlers.http.ImageDownloadHandler"
    process = AsyncCrawlerProcess(
        {
            **numbers(),
            "DOWNLOAD_HANDLERS": {"http": handler, "https": handler},
            "RETRY_ENABLED": False,
            "LOG_LEVEL": "CRITICAL",
            "TELNETCONSOLE_ENABLED": False,
            "REMOTE_CONTROL_ENABLED": False,
            "CONCURRENT_REQUESTS": 50,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 50,
            "DOWNLOAD_DELAY": 0.001,
            "IMAGECRAWL_STALL_TIMEOUT_SECS": 20.0,
            **plan.get("settings", {}),
        }
    )
    process.crawl(Fetcher, plan=plan)
    process.start()
    print(json.dumps(RESULTS))


if __name__ == "__main__":
    main()
