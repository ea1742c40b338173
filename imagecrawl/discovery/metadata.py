"""Which image does a page name as its own?"""

from __future__ import annotations

from imagecrawl.discovery.addresses import Resolver
from imagecrawl.discovery.candidates import CandidateBook
from imagecrawl.discovery.document import Element

_ROOTS = frozenset(("og:image", "twitter:image", "twitter:image:src"))
# Other addresses of the image that is named just before.
_ADDRESSES = frozenset(("og:image:url", "og:image:secure_url"))
_ALTS = frozenset(("og:image:alt", "twitter:image:alt"))
# https://developer.x.com/en/docs/x-for-websites/cards: the last is the older name of the second.


class MetaReader:
    """Reads the ``meta`` elements of a page, in their order.

    A structured property of the Open Graph protocol (https://ogp.me/#structured) is about the
    ``og:image`` before it; ``og:image:url`` is the same as ``og:image``.
    """

    def __init__(self, resolve: Resolver, book: CandidateBook) -> None:
        """Enter what is read in *book*."""
        self._resolve = resolve
        self._book = book
        self._url: str | None = None
        self._seen: set[str] = set()

    def read(self, meta: Element) -> None:
        """Read one element: a ``property``, or a ``name`` as many pages have it."""
        name = (meta.get("property") or meta.get("name") or "").strip().lower()
        content = meta.get("content")
        if not content:
            return
        if name in _ALTS:
            if self._url:
                self._book.extend(self._url, alt=content.strip() or None)
        elif name in _ROOTS or name in _ADDRESSES:
            self._image(name, self._resolve(content))

    def _image(self, name: str, url: str | None) -> None:
        if name in _ADDRESSES and name not in self._seen and self._url:
            self._book.extend(self._url, [url] if url else [])
        elif url:
            self._book.add([url], name)
            self._url = url
            self._seen.clear()
        self._seen.add(name)
