"""Which elements of a page name which images?

One pass over the tree, in document order; each kind of element has its reader. What scripts
would build is not looked for, but where it stands in attributes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from imagecrawl.discovery.addresses import Resolver
from imagecrawl.discovery.candidates import CandidateBook
from imagecrawl.discovery.css import css_images
from imagecrawl.discovery.describe import Describer
from imagecrawl.discovery.document import Document, Element
from imagecrawl.discovery.lazy import Meaning, lazy_values
from imagecrawl.discovery.metadata import MetadataReader
from imagecrawl.discovery.names import is_image_file, is_other_file, words
from imagecrawl.discovery.offers import best_first, lazy_offers
from imagecrawl.discovery.pictures import PictureReader

_DEEPEST_FRAME = 3
# https://html.spec.whatwg.org/multipage/rendering.html has them of these only.
_WITH_BACKGROUND = words("body table thead tbody tfoot tr td th col colgroup")
# Their ``data-`` attributes are for other things than pictures, or are read with the ``img``.
_NOT_LAZY = words("source script link meta track noscript html")


class PageReader:
    """Reads the pictures of one tree into a book."""

    def __init__(
        self, resolve: Resolver, book: CandidateBook, *, nested: bool = False, depth: int = 0
    ) -> None:
        """*nested*: the tree is that of a ``noscript``; *depth*: of how many frames around."""
        self._resolve = resolve
        self._resolve_css = resolve.elsewhere(resolve.base)
        self._book = book
        self._depth = depth
        self._shadows = 0
        self._describe = Describer()
        self._metadata = MetadataReader(resolve, book, self._describe)
        self._pictures = PictureReader(resolve, book, self._describe, nested=nested)

    def read(self, elements: Iterable[Element]) -> None:
        """Read *elements*, which are in document order."""
        for element in elements:
            if element.tag == "template" and self._shadows < _DEEPEST_FRAME:
                self._shadows += 1
                self.read(element.shadow())
                self._shadows -= 1
            if reader := _READERS.get(element.tag):
                reader(self, element)
            elif "-" in element.tag:
                self._custom(element)
            if element.attributes:
                self._any(element)

    # --- by tag ----------------------------------------------------------------------------

    def picture(self, element: Element) -> None:
        self._pictures.read(element)

    def noscript(self, noscript: Element) -> None:
        inner = PageReader(self._resolve, self._book, nested=True, depth=self._depth)
        self._pictures.read_noscript(noscript, lambda root: inner.read(root.walk()))

    def _custom(self, element: Element) -> None:
        """Read a custom element such as ``amp-img``."""
        if element.tag.endswith(("img", "image", "anim", "picture")):
            self._pictures.read(element)
        elif is_image_file(element.get("poster") or ""):
            self._attribute(element, "poster")

    def a(self, a: Element) -> None:
        if is_image_file(a.get("href") or ""):
            self._attribute(a, "href")

    def meta(self, meta: Element) -> None:
        self._metadata.meta(meta)

    def link(self, link: Element) -> None:
        self._metadata.link(link)

    def script(self, script: Element) -> None:
        self._metadata.script(script)

    def input(self, field: Element) -> None:
        if (field.get("type") or "").lower() == "image":
            self._attribute(field, "src")

    def video(self, video: Element) -> None:
        self._attribute(video, "poster")

    def embedded(self, element: Element) -> None:
        """Read an ``object``, an ``embed`` or a frame: it may show an image."""
        name = "data" if element.tag == "object" else "src"
        kind = (element.get("type") or "").strip().lower()
        if kind.startswith("image/") or (not kind and is_image_file(element.get(name) or "")):
            self._attribute(element, name)
        inner = element.get("srcdoc")
        if inner and element.tag == "iframe" and self._depth < _DEEPEST_FRAME:
            page = Document(inner, self._resolve.base)
            resolve = self._resolve.elsewhere(page.resolve.base)
            PageReader(resolve, self._book, depth=self._depth + 1).read(page.walk())

    def svg(self, image: Element) -> None:
        """Read an ``image`` of an SVG: ``href`` stands before ``xlink:href`` (SVG 2)."""
        self._attribute(image, "href" if image.get("href") else "xlink:href")

    def style(self, style: Element) -> None:
        if (style.get("type") or "text/css").strip().lower() == "text/css":
            self._css(style.text(), "style")

    # --- whatever the tag ------------------------------------------------------------------

    def _any(self, element: Element) -> None:
        lazy = False
        for name in element.attributes:
            if name == "style":
                self._css(element.get(name) or "", f"{element.tag}@style")
            elif name == "background" and element.tag in _WITH_BACKGROUND:
                self._attribute(element, name)
            elif name == "itemprop":
                self._metadata.microdata(element)
            else:
                lazy = lazy or name.startswith("data-")
        if lazy:
            self._lazy(element)

    def _lazy(self, element: Element) -> None:
        tag = element.tag
        if tag in _NOT_LAZY:
            return
        values = list(lazy_values(element.attributes, is_img=tag == "img"))
        own = [one for one in values if one.meaning is Meaning.OWN]
        # An ``img`` has its own with its ``src``; what else there is stands for itself.
        groups = [] if tag == "img" else [own]
        groups += [[one] for one in values if one.meaning is not Meaning.OWN]
        for group in groups:
            found = [offer for one in group for offer in lazy_offers(tag, one, self._resolve)]
            offers, _ = best_first(one for one in found if not is_other_file(one.url))
            if offers:
                self._book.add_offers(offers, offers[0].source, self._describe(element))

    def _css(self, css: str, source: str) -> None:
        for image in css_images(css):
            urls = [url for one in image.references if (url := self._resolve_css(one))]
            if urls and not is_other_file(urls[0]):
                self._book.add(urls, source)

    def _attribute(self, element: Element, name: str) -> None:
        url = self._resolve(element.get(name))
        source = f"{element.tag}@{name}"
        self._book.add([url] if url else [], source, self._describe(element))


_READERS: dict[str, Callable[[PageReader, Element], None]] = {
    "img": PageReader.picture,
    "picture": PageReader.picture,
    "noscript": PageReader.noscript,
    "a": PageReader.a,
    "area": PageReader.a,
    "meta": PageReader.meta,
    "link": PageReader.link,
    "script": PageReader.script,
    "input": PageReader.input,
    "video": PageReader.video,
    "object": PageReader.embedded,
    "embed": PageReader.embedded,
    "iframe": PageReader.embedded,
    "frame": PageReader.embedded,
    "image": PageReader.svg,
    "feimage": PageReader.svg,
    "style": PageReader.style,
}
