"""A fingerprinter that fails once, in the middle of a crawl."""

from __future__ import annotations

from scrapy import Request
from scrapy.utils.request import RequestFingerprinter


class FailsOnce(RequestFingerprinter):
    """... for the first request that is tried again."""

    failed = False

    def fingerprint(self, request: Request) -> bytes:
        if request.meta.get("retry_times") and not self.failed:
            self.failed = True
            raise RuntimeError("the fingerprinter has failed")
        return super().fingerprint(request)
