"""Which downloader slot does a request belong to that does not come from the frontier?"""

from __future__ import annotations

from scrapy import Request

from imagecrawl.frontier.intake import host_of


class HostSlotMiddleware:
    """Puts redirected requests, and those of other components, into the slot of their host.

    Scrapy copies the request's meta at a redirect, with the slot of the first host, so that the
    second one would be asked beyond its limits; and a robots.txt would go by the host's name
    without its port.
    """

    def process_request(self, request: Request) -> None:
        if request.meta.get("redirect_times") or "download_slot" not in request.meta:
            request.meta["download_slot"] = host_of(request)
