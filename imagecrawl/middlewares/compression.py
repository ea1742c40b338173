"""Which compressed pages came in part only?"""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from typing_extensions import Self

from imagecrawl.compression import is_cut
from imagecrawl.errors import AttemptFailed
from imagecrawl.meta import ENTRY_KEY, IMAGE_KEY
from imagecrawl.outcomes import Reason


class CutCompressionMiddleware:
    """Fails the attempt whose body was cut, before Scrapy unpacks the part that came.

    For every spider: what is missing is the network's fault, and nobody can want half a page.
    An image's own structure tells.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not crawler.settings.getbool("COMPRESSION_ENABLED"):
            raise NotConfigured
        return cls(crawler.settings.getint("DOWNLOAD_MAXSIZE"))

    def process_response(self, request: Request, response: Response) -> Response:
        ours = ENTRY_KEY in request.meta and IMAGE_KEY not in request.meta
        # The last is the outermost; a status that says no says it with half a page, too.
        encodings = b",".join(response.headers.getlist("Content-Encoding")).lower().split(b",")
        encoding = encodings[-1].strip().decode("latin-1")
        if not ours or not encoding or request.method == "HEAD" or response.status // 100 != 2:
            return response
        max_bytes = request.meta.get("download_maxsize", self._max_bytes)
        if is_cut(response.body, encoding, max_bytes):
            raise AttemptFailed(Reason.ENCODING.value, f"the {encoding} of the page is cut")
        return response
