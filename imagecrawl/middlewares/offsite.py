"""Is the page that a redirect leads to still wanted?"""

from __future__ import annotations

from scrapy import Request, Spider
from scrapy.downloadermiddlewares.offsite import OffsiteMiddleware

from imagecrawl.meta import ENTRY_KEY, OWN_FILTER_KEY


class LeasedOffsiteMiddleware(OffsiteMiddleware):
    """Scrapy's own, which lets every Request with ``dont_filter`` pass.

    A lease has it always; here it is the Request's own that counts, so that a page which is
    redirected out of ``allowed_domains`` is filtered as in any Scrapy crawl.
    """

    def process_request(self, request: Request) -> None:  # type: ignore[override]
        if ENTRY_KEY not in request.meta or request.meta.get(OWN_FILTER_KEY):
            super().process_request(request)
            return
        # For as long as the look takes: a copy of every image's Request takes far longer.
        leased, request.dont_filter = request.dont_filter, False
        try:
            super().process_request(request)
        finally:
            request.dont_filter = leased

    def request_scheduled(self, request: Request, spider: Spider) -> None:
        # Dropped here, the request would vanish: nobody would tell its errback.
        if ENTRY_KEY not in request.meta:
            super().request_scheduled(request, spider)
