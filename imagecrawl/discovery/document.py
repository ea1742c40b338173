"""What is the tree of a page, and what are its references relative to?

The parser is Lexbor (through selectolax), which builds the tree that the HTML standard
prescribes, and so browsers have; libxml2 drops what is nested deeper than 255 levels, and reads
misnested markup its own way. ``docs/discovery.md`` has the figures. Nobody else imports it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from weakref import WeakKeyDictionary

from scrapy.http import JsonResponse, TextResponse
from selectolax.lexbor import LexborHTMLParser, LexborNode

from imagecrawl.discovery.addresses import Resolver
from imagecrawl.discovery.encodings import page_text
from imagecrawl.discovery.nesting import expanded, tamed

_NEAR = 8
"""Siblings and ancestors further away are not looked at: a page must not make it quadratic."""


class Element:
    """An element of a tree. Names of tags and attributes are in lower case."""

    __slots__ = ("_node", "attributes", "tag")

    def __init__(self, node: LexborNode) -> None:
        self._node = node
        self.tag: str = node.tag.lower()  # type: ignore[union-attr]
        self.attributes: dict[str, str | None] = node.attributes

    @property
    def key(self) -> int:
        """The same for two elements that are the same node."""
        return int(self._node.mem_id)

    def get(self, name: str) -> str | None:
        """Return the value of an attribute; ``None`` if there is none, or none of that name."""
        return self.attributes.get(name)

    @property
    def next(self) -> Element | None:
        """The element right behind, with nothing but text and comments between."""
        return _sibling(self._node, "next")

    @property
    def previous(self) -> Element | None:
        """The element right before."""
        return _sibling(self._node, "prev")

    def ancestors(self, most: int = _NEAR) -> Iterator[Element]:
        """Yield the parent, its parent, and so on."""
        node = self._node.parent
        while node is not None and node.is_element_node and most:
            yield Element(node)
            node, most = node.parent, most - 1

    def select(self, css: str) -> Iterator[Element]:
        """Yield the elements inside this one that *css* selects, in document order."""
        mine = self.key
        return (Element(node) for node in self._node.css(css) if node.mem_id != mine)

    def walk(self) -> Iterator[Element]:
        """Yield this element and those inside it, in document order."""
        # A CDATA section in a foreign element is traversed, too, and has no tag.
        return (Element(node) for node in self._node.traverse() if node.is_element_node)

    def text(self) -> str:
        """Return the text inside, that of inner elements included."""
        return self._node.text() or ""

    def start_of_text(self, length: int, nodes: int) -> str | None:
        """Return the first *length* characters of text, ``None`` if there are more *nodes*."""
        inside = list(islice(self._node.traverse(include_text=True), nodes + 1))
        if len(inside) > nodes:
            return None
        pieces = (node.text(deep=False)[:length] for node in inside if node.is_text_node)
        return " ".join(" ".join(pieces).split())[:length]

    def shadow(self) -> Iterator[Element]:
        """Yield the elements of a ``template`` that stands for a shadow tree: these are shown
        (https://html.spec.whatwg.org/multipage/scripting.html#attr-template-shadowrootmode)."""
        if self.tag == "template" and self.get("shadowrootmode") in ("open", "closed"):
            for fragment in self._node.template_fragments()[:1]:
                yield from (Element(node) for node in fragment.traverse() if node.is_element_node)

    @property
    def has_elements(self) -> bool:
        """Whether there is an element inside."""
        return next(islice(self._node.traverse(), 1, None), None) is not None


def _sibling(node: LexborNode, way: str) -> Element | None:
    for _ in range(_NEAR):
        following = getattr(node, way)
        if following is None:
            return None
        node = following
        if node.is_element_node:
            return Element(node)
    return None


class Document:
    """A page, parsed."""

    def __init__(self, html: str, url: str, encoding: str = "utf-8") -> None:
        """Parse *html* of the page at *url*; *encoding* is what its queries are written in."""
        self.url = url
        self._encoding = encoding
        self._parser = LexborHTMLParser(tamed(html))

    @cached_property
    def root(self) -> Element | None:
        """The ``html`` element."""
        node = self._parser.root
        return Element(node) if node is not None else None

    @cached_property
    def resolve(self) -> Resolver:
        """The resolver of the page's references.

        The base is the first ``base`` with an ``href``, resolved against the page's own URL,
        which stands where the ``href`` is not http(s)
        (https://html.spec.whatwg.org/multipage/semantics.html#the-base-element).
        """
        own = Resolver(self.url, self._encoding)
        for base in self.select("base[href]"):
            url = own(base.get("href"))
            return Resolver(url, self._encoding) if url else own
        return own

    def select(self, css: str) -> Iterator[Element]:
        """Yield the elements that *css* selects, in document order.

        Raises :exc:`ValueError` if it is no selector.
        """
        try:
            nodes = self._parser.css(css)
        except Exception as error:  # selectolax's own, which is no ValueError
            raise ValueError(f"{css!r} is no CSS selector: {error}") from None
        return (Element(node) for node in nodes)

    def walk(self) -> Iterator[Element]:
        """Yield all elements, in document order."""
        return iter(()) if self.root is None else self.root.walk()


_documents: WeakKeyDictionary[TextResponse, Document] = WeakKeyDictionary()


def document(response: TextResponse) -> Document | None:
    """Return *response* read as HTML, ``None`` when it is JSON. It is parsed once."""
    found = _documents.get(response)
    if found is None:
        kind = (response.headers.get("Content-Type") or b"").lower()
        if b"json" in kind or isinstance(response, JsonResponse):
            return None
        text, encoding = page_text(response)
        if b"xml" in kind or text.startswith("<?xml"):
            text = expanded(text)
        found = _documents[response] = Document(text, response.url, encoding)
    return found
