"""Which images does a page name as its own, in ``meta``, ``link`` and structured data?"""

from __future__ import annotations

from imagecrawl.discovery.addresses import Resolver
from imagecrawl.discovery.candidates import NOTHING, About, CandidateBook
from imagecrawl.discovery.describe import Describer
from imagecrawl.discovery.document import Element
from imagecrawl.discovery.jsonld import PROPERTIES, json_ld_images
from imagecrawl.discovery.names import is_image_file, is_other_file, words
from imagecrawl.discovery.offers import best_first, set_offers

_ROOTS = words("og:image twitter:image twitter:image:src twitter:image0 vk:image")
# https://developer.x.com/en/docs/x-for-websites/cards: the last two are older names.
# Other addresses of the image that is named just before.
_ADDRESSES = frozenset(("og:image:url", "og:image:secure_url"))
_ALTS = frozenset(("og:image:alt", "twitter:image:alt"))
_OTHERS = words(
    "msapplication-tileimage msapplication-square70x70logo msapplication-square150x150logo "
    "msapplication-wide310x150logo msapplication-square310x310logo "
    "thumbnail sailthru.image.full sailthru.image.thumb parsely-image-url image"
)
_ICONS = words(
    "icon apple-touch-icon apple-touch-icon-precomposed apple-touch-startup-image mask-icon "
    "fluid-icon"
)
# Where the standard has a property's value: https://html.spec.whatwg.org/multipage/microdata.html
_VALUES = {"meta": "content", "link": "href", "a": "href", "area": "href", "object": "data"}


class MetadataReader:
    """Reads the metadata of a page, in its order."""

    def __init__(self, resolve: Resolver, book: CandidateBook, describe: Describer) -> None:
        """Enter what is read in *book*."""
        self._resolve = resolve
        self._book = book
        self._describe = describe
        self._url: str | None = None
        self._seen: set[str] = set()

    def meta(self, meta: Element) -> None:
        """Read a ``meta``: a ``property``, or a ``name`` as many pages have it.

        A structured property of the Open Graph protocol (https://ogp.me/#structured) is about
        the ``og:image`` before it; ``og:image:url`` is the same as ``og:image``.
        """
        name = (meta.get("property") or meta.get("name") or "").strip().lower()
        content = meta.get("content")
        if not content:
            return
        if name in _ALTS:
            if self._url:
                self._book.extend(self._url, about=About(alt=content.strip() or None))
        elif name in _ROOTS or name in _ADDRESSES:
            self._image(name, self._resolve(content))
        elif name in _OTHERS:
            self._add(content, name)

    def _image(self, name: str, url: str | None) -> None:
        if name in _ADDRESSES and name not in self._seen and self._url:
            self._book.extend(self._url, [url] if url else [])
        elif url:
            self._book.add([url], name)
            self._url = url
            self._seen.clear()
        self._seen.add(name)

    def link(self, link: Element) -> None:
        """Read a ``link`` to an image."""
        relations = set((link.get("rel") or "").lower().split())
        if icons := sorted(_ICONS & relations):
            self._add(link.get("href"), f"link@{icons[0]}", link)
        elif names := sorted({"image_src", "thumbnail"} & relations):
            self._add(link.get("href"), names[0], link)
        elif relations & {"preload", "prefetch"} and (link.get("as") or "").lower() == "image":
            sets = set_offers("link", "imagesrcset", link.get("imagesrcset"), self._resolve)
            urls = [offer.url for offer in best_first(sets)[0]]
            href = self._resolve(link.get("href"))
            self._book.add([*urls, *([href] if href else [])], "link@preload")

    def microdata(self, element: Element) -> None:
        """Read an element with an ``itemprop``; an ``img`` is read as a picture."""
        for name in (element.get("itemprop") or "").split():
            if name.rpartition("/")[2].lower() in PROPERTIES and element.tag != "img":
                self._declared(_microdata_value(element), name, "microdata")

    def script(self, script: Element) -> None:
        """Read a ``script``, if it is one of JSON-LD."""
        kind = (script.get("type") or "").partition(";")[0].strip().lower()
        if kind in ("application/ld+json", "application/json+ld"):
            for name, reference in json_ld_images(script.text()):
                self._declared(reference, name, "json-ld")

    def _declared(self, reference: str | None, name: str, source: str) -> None:
        url = self._resolve(reference)
        if url is None or is_other_file(url):
            return
        if name.lower() == "contenturl" and not is_image_file(url):
            return
        self._add(reference, f"{source}:{name}")

    def _add(self, reference: str | None, source: str, element: Element | None = None) -> None:
        url = self._resolve(reference)
        self._book.add(
            [url] if url else [], source, self._describe(element) if element else NOTHING
        )


def _microdata_value(element: Element) -> str | None:
    """Return the value of a property, or the address of the ``ImageObject`` that is its value."""
    if "itemscope" not in element.attributes:
        return element.get("content") or element.get(_VALUES.get(element.tag, "content"))
    for inner in element.select("[itemprop=url], [itemprop=contentUrl]"):
        return element.get("itemid") or _microdata_value(inner)
    return element.get("itemid")
