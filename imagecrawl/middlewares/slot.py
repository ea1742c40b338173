"""Which downloader slot does a redirected request belong to?"""

from __future__ import annotations

from scrapy import Request

from imagecrawl.frontier.intake import host_of


class RedirectSlotMiddleware:
    """Puts a redirected request into the slot of the host that it now goes to.

    Scrapy copies the request's meta, with the slot of the first host, so that the second one
    would be asked beyond its limits.
    """

    def process_request(self, request: Request) -> None:
        if request.meta.get("redirect_times"):
            request.meta["download_slot"] = host_of(request)
