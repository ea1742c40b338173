"""Which images are on a page?

One pass over the tree, in document order. What is in style sheets, in scripts and in structured
data is not looked for; each would be one more entry in ``_READERS``.
"""

from __future__ import annotations

from collections.abc import Callable

from scrapy.http import TextResponse

from imagecrawl.discovery.addresses import Resolver
from imagecrawl.discovery.candidates import CandidateBook, ImageCandidate
from imagecrawl.discovery.document import Element, html_root, resolver
from imagecrawl.discovery.metadata import MetaReader
from imagecrawl.discovery.names import is_image_file
from imagecrawl.discovery.pictures import PictureReader


class ImageExtractor:
    """Finds the images of a page."""

    def extract(self, response: TextResponse) -> list[ImageCandidate]:
        """Return the images of *response* in page order, each URL once."""
        root = html_root(response)
        book = CandidateBook()
        if root is not None:
            _Reading(resolver(response, root), book).read(root)
        return book.candidates()


class _Reading:
    """One pass over a tree."""

    def __init__(self, resolve: Resolver, book: CandidateBook, *, nested: bool = False) -> None:
        self._resolve = resolve
        self._book = book
        self._meta = MetaReader(resolve, book)
        self._pictures = PictureReader(resolve, book, nested=nested)

    def read(self, root: Element) -> None:
        for element in root.iter(*_READERS):
            _READERS[element.tag](self, element)

    def picture(self, element: Element) -> None:
        self._pictures.read(element)

    def noscript(self, noscript: Element) -> None:
        inner = _Reading(self._resolve, self._book, nested=True)
        self._pictures.read_noscript(noscript, inner.read)

    def a(self, a: Element) -> None:
        href = a.get("href")
        if href and is_image_file(href):
            url = self._resolve(href)
            self._book.add([url] if url else [], f"{a.tag}@href")

    def meta(self, meta: Element) -> None:
        self._meta.read(meta)

    def link(self, link: Element) -> None:
        if "image_src" in (link.get("rel") or "").lower().split():
            self._attribute(link, "href", "image_src")

    def input(self, field: Element) -> None:
        if (field.get("type") or "").strip().lower() == "image":
            self._attribute(field, "src", "input@src")

    def video(self, video: Element) -> None:
        self._attribute(video, "poster", "video@poster")

    def _attribute(self, element: Element, name: str, source: str) -> None:
        url = self._resolve(element.get(name))
        alt = (element.get("alt") or "").strip() or None
        self._book.add([url] if url else [], source, alt)


_READERS: dict[str, Callable[[_Reading, Element], None]] = {
    "img": _Reading.picture,
    "image": _Reading.picture,
    "picture": _Reading.picture,
    "noscript": _Reading.noscript,
    "a": _Reading.a,
    "area": _Reading.a,
    "meta": _Reading.meta,
    "link": _Reading.link,
    "input": _Reading.input,
    "video": _Reading.video,
}
