"""Which answers are no page, although their status says that all is well?"""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from typing_extensions import Self

from imagecrawl.errors import AttemptFailed
from imagecrawl.meta import ENTRY_KEY
from imagecrawl.outcomes import Reason, http_reason

_NO_PAGE = frozenset({202, 204, 205})
"""It comes later (some walls of bots say so), or there is none."""


class EmptyPageMiddleware:
    """Fails the attempt where a page is wanted and none has come: behind it may be a whole site.

    Only for the callbacks that the spider names in ``page_callbacks``: to others, an API's 204
    may be an answer.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        if ENTRY_KEY not in request.meta or request.method == "HEAD" or response.status // 100 != 2:
            return response
        if not self._is_page(request):
            return response
        status = response.status
        if status in _NO_PAGE or (status == 206 and "Range" not in request.headers):
            raise AttemptFailed(http_reason(status), f"HTTP status {status}", doubtful=True)
        if not response.body.strip():
            raise AttemptFailed(Reason.EMPTY.value, "the page is empty", doubtful=True)
        return response

    def _is_page(self, request: Request) -> bool:
        spider = self._crawler.spider
        callback = request.callback or getattr(spider, "parse", None)
        names = getattr(spider, "page_callbacks", ())
        return any(callback == getattr(spider, name, None) for name in names)
