"""Which pages and images does a sitemap name?

https://www.sitemaps.org/protocol.html, with Google's image extension
(https://developers.google.com/search/docs/crawling-indexing/sitemaps/image-sitemaps): index files,
gzip, plain text, and the ``Sitemap:`` lines of a robots.txt. Broken XML is read as far as it goes.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import urljoin

from lxml import etree

_ROBOTS_LINE = re.compile(r"(?im)^[ \t]*sitemap[ \t]*:[ \t]*(\S+)")
_GZIP = b"\x1f\x8b"
_ABOUT = ("title", "caption")


class SitemapError(ValueError):
    """What came is no sitemap."""


@dataclass(slots=True)
class SitemapImage:
    """An ``image:image``."""

    url: str
    title: str | None = None
    caption: str | None = None


@dataclass(slots=True)
class SitemapEntry:
    """A ``url``, or with ``is_sitemap`` one of the files of an index."""

    url: str
    is_sitemap: bool = False
    images: list[SitemapImage] = field(default_factory=list)


def read_sitemap(body: bytes, url: str, max_bytes: int = 0) -> Iterator[SitemapEntry]:
    """Yield the entries of the sitemap *body*, which came from *url*; its URLs may be relative.

    At most *max_bytes* of a compressed one are unpacked (0: all). Raises :exc:`SitemapError`
    where it is none.
    """
    body = _unpacked(body, max_bytes)
    start = body[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] == b"<" or start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        yield from _xml_entries(body, url)
        return
    text = body.decode("utf-8", "replace")
    named = _ROBOTS_LINE.findall(text)
    if named:
        for one in named:
            yield SitemapEntry(urljoin(url, one), is_sitemap=True)
        return
    lines = [line.strip() for line in text.lstrip("\ufeff").splitlines()]
    found = [line for line in lines if line.lower().startswith(("http://", "https://"))]
    if not found and not url.lower().partition("?")[0].endswith("/robots.txt"):
        raise SitemapError("it is neither XML nor a list of URLs")
    yield from map(SitemapEntry, found)


def _unpacked(body: bytes, max_bytes: int) -> bytes:
    if not body.startswith(_GZIP):
        return body
    unpacked = bytearray()
    try:
        while body.startswith(_GZIP):
            member = zlib.decompressobj(wbits=31)
            room = max_bytes - len(unpacked) if max_bytes else 0
            unpacked += member.decompress(body, room)
            if member.unconsumed_tail:
                raise SitemapError(f"it unpacks to more than {max_bytes} bytes")
            body = member.unused_data
    except zlib.error as error:
        if not unpacked:
            raise SitemapError(f"its gzip is broken: {error}") from None
    return bytes(unpacked)


def _xml_entries(body: bytes, url: str) -> Iterator[SitemapEntry]:
    options: Any = {"resolve_entities": False, "no_network": True, "recover": True}
    parser = etree.iterparse(BytesIO(body), events=("end",), huge_tree=True, **options)
    known = False
    try:
        for _, element in parser:
            name = _local(element)
            if name in ("urlset", "sitemapindex"):
                known = True
            if name in ("url", "sitemap"):
                known = True
                entry = _entry(element, url, is_sitemap=name == "sitemap")
                if entry is not None:
                    yield entry
                _forget(element)
    except etree.XMLSyntaxError as error:
        if not known:
            raise SitemapError(f"its XML is broken: {error.msg}") from None
    if not known:
        raise SitemapError("it has neither <urlset> nor <sitemapindex>")


def _entry(element: Any, base: str, *, is_sitemap: bool) -> SitemapEntry | None:
    entry = SitemapEntry("", is_sitemap)
    for child in element:
        name = _local(child)
        if name == "loc":
            entry.url = _url(child, base)
        elif name == "image":
            texts = {_local(part): part for part in child}
            if "loc" in texts and (found := _url(texts["loc"], base)):
                about = [_text(texts.get(one)) or None for one in _ABOUT]
                entry.images.append(SitemapImage(found, *about))
    return entry if entry.url or entry.images else None


def _url(element: Any, base: str) -> str:
    text = _text(element)
    return urljoin(base, text) if text else ""


def _text(element: Any) -> str:
    return " ".join((element.text or "").split()) if element is not None else ""


def _local(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def _forget(element: Any) -> None:
    """Free *element* and what is before it: a sitemap may have 50,000."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]
