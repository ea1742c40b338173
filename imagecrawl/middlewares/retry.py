"""Which answers and exceptions are failures that may pass?"""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse, Response
from typing_extensions import Self

from imagecrawl.config import Config
from imagecrawl.errors import AttemptFailed
from imagecrawl.meta import ENTRY_KEY
from imagecrawl.outcomes import Reason
from imagecrawl.policies.failures import Retry, classify_exception, classify_status
from imagecrawl.policies.retry import own_times

_MOST_OTHER_RETRIES = 2


class BackoffRetryMiddleware(RetryMiddleware):
    """Names a failure and hands it to the frontier, which waits 1, 2, 4, 8 ... seconds.

    Here it only raises :exc:`AttemptFailed`: to sleep in a middleware would hold a concurrency
    slot, and be forgotten at a restart. Requests outside the frontier (robots.txt) are retried
    at once, as Scrapy's own middleware does.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = super().from_crawler(crawler)
        middleware._config = Config.from_settings(crawler.settings)
        # A robots.txt is tried a few times; meanwhile what asks for it holds its place.
        middleware.max_retry_times = min(middleware.max_retry_times, _MOST_OTHER_RETRIES)
        return middleware

    _config: Config

    def process_response(  # type: ignore[override]  # without the deprecated spider argument
        self, request: Request, response: Response
    ) -> Request | Response:
        if ENTRY_KEY not in request.meta:
            return super().process_response(request, response)
        if not self._attempts_left(request, self._config.retry.times):
            return response  # the spider may want it; else it is a failure like any status
        failure = classify_status(response.status, self._config.retry_codes)
        if failure.retry is Retry.FULL or _too_large_for_now(response):
            raise AttemptFailed(failure.reason, failure.detail)
        if _cut_page(response) and self._attempts_left(request, self._config.retry.few):
            raise AttemptFailed(Reason.TRUNCATED.value, "the page ends without </html>")
        return response

    def process_exception(  # type: ignore[override]
        self, request: Request, exception: Exception
    ) -> Request | Response | None:
        if ENTRY_KEY not in request.meta:
            return super().process_exception(request, exception)
        if isinstance(exception, IgnoreRequest):
            return None
        failure = classify_exception(exception)
        if failure.retry is Retry.FULL and self._attempts_left(request, self._config.retry.times):
            raise AttemptFailed(failure.reason, failure.detail) from exception
        return None

    @staticmethod
    def _attempts_left(request: Request, times: int) -> bool:
        own = own_times(request.meta)
        return bool(request.meta.get("retry_times", 0) < (times if own is None else own))


def _too_large_for_now(response: Response) -> bool:
    """Tell whether a 413 is temporary: then it says when to try again (RFC 9110 15.5.14)."""
    return response.status == 413 and "Retry-After" in response.headers


def _cut_page(response: Response) -> bool:
    """Tell whether a page that came with neither length nor chunks was cut off.

    Scrapy flags every such body as "partial", also one that is whole; an image's own structure
    tells, and of a page its end.
    """
    return (
        "partial" in response.flags
        and isinstance(response, HtmlResponse)
        and b"</html" not in response.body[-2048:].lower()
    )
