"""Which images are on a page, and which of them are wanted?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from scrapy.http import TextResponse

from imagecrawl.discovery.candidates import CandidateBook, ImageCandidate
from imagecrawl.discovery.document import Document, Element, document
from imagecrawl.discovery.reader import PageReader

Patterns = str | re.Pattern[str] | Iterable["str | re.Pattern[str]"]


class ImageExtractor:
    """Finds the images of a page, as Scrapy's ``LinkExtractor`` finds its links.

    ``allow`` and ``deny`` are regular expressions on the URL, as there: one or several, the
    second prevail. ``sources`` and ``deny_sources`` are patterns such as ``img@*``, ``og:image``
    or ``*@data-*`` on where a picture is named (:attr:`ImageCandidate.source`). With
    ``restrict_css`` or ``restrict_xpaths`` only those regions of the page are read. With
    ``data_urls``, images within the page itself (``data:``) count, too.

    Raises :exc:`ValueError` for a pattern that is none.
    """

    def __init__(
        self,
        allow: Patterns = (),
        deny: Patterns = (),
        sources: str | Iterable[str] = ("*",),
        deny_sources: str | Iterable[str] = (),
        restrict_css: str | Iterable[str] = (),
        restrict_xpaths: str | Iterable[str] = (),
        data_urls: bool = False,
    ) -> None:
        self._allow, self._deny = _compiled(allow), _compiled(deny)
        self._sources, self._deny_sources = _listed(sources), _listed(deny_sources)
        self._css, self._xpaths = _listed(restrict_css), _listed(restrict_xpaths)
        self._data_urls = data_urls

    def extract(self, response: TextResponse) -> list[ImageCandidate]:
        """Return the images of *response* in page order, each picture once."""
        page = document(response)
        if page is None:
            return []
        book = CandidateBook()
        resolve = page.resolve.with_data() if self._data_urls else page.resolve
        for elements in self._regions(page, response):
            PageReader(resolve, book).read(elements)
        return [candidate for candidate in book.candidates() if self._wants(candidate)]

    def _regions(self, page: Document, response: TextResponse) -> Iterator[Iterable[Element]]:
        if not self._css and not self._xpaths:
            yield page.walk()
        for css in self._css:
            for element in page.select(css):
                yield element.walk()
        for xpath in self._xpaths:
            # Lexbor has no XPath: parsel finds the region, and Lexbor reads it again.
            for region in response.xpath(xpath):
                yield Document(region.get(), response.url).walk()

    def _wants(self, candidate: ImageCandidate) -> bool:
        def matches(patterns: list[str]) -> bool:
            return any(fnmatchcase(candidate.source, pattern) for pattern in patterns)

        url = candidate.url
        return (
            matches(self._sources)
            and not matches(self._deny_sources)
            and (not self._allow or any(pattern.search(url) for pattern in self._allow))
            and not any(pattern.search(url) for pattern in self._deny)
        )


def _listed(value: str | Iterable[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _compiled(value: Patterns) -> list[re.Pattern[str]]:
    patterns = [value] if isinstance(value, (str, re.Pattern)) else list(value)
    try:
        return [re.compile(pattern) for pattern in patterns]
    except re.error as error:
        raise ValueError(f"{error.pattern!r} is no regular expression: {error}") from None
