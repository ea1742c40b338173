"""Which downloader slot does a request belong to that does not come from the frontier?"""

from __future__ import annotations

from scrapy import Request
from scrapy.utils.httpobj import urlparse_cached

from imagecrawl.frontier.intake import host_of
from imagecrawl.inputs.urls import has_name


class HostSlotMiddleware:
    """Puts redirected requests, and those of other components, into the slot of their host.

    Scrapy copies the request's meta at a redirect, with the slot of the first host, so that the
    second one would be asked beyond its limits; and a robots.txt would go by the host's name
    without its port. A redirect, or a spider, may also name a host that cannot be looked up: the
    resolver would never answer.
    """

    def process_request(self, request: Request) -> None:
        host = urlparse_cached(request).hostname
        if host and not has_name(host):
            raise UnicodeError(f"{host[:100]!r} is no usable host")
        if request.meta.get("redirect_times") or "download_slot" not in request.meta:
            request.meta["download_slot"] = host_of(request)
