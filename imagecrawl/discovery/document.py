"""What is the tree of a page, and what are its references relative to?"""

from __future__ import annotations

from typing import Any, TypeAlias

from parsel import Selector
from scrapy.http import TextResponse

from imagecrawl.discovery.addresses import Resolver

# lxml has no type annotations.
Element: TypeAlias = Any


def html_root(response: TextResponse) -> Element | None:
    """Return the root element of *response*, read as HTML; ``None`` when it is JSON."""
    try:
        selector = response.selector
    except ValueError:
        # Scrapy resolves the ``base`` first, and raises where its ``href`` is no valid URL.
        return Selector(text=response.text, type="html").root
    if selector.type == "json":
        return None
    if selector.type == "html":
        return selector.root
    # XHTML sent as XML: read as HTML, its elements have no namespace.
    return Selector(text=response.text, type="html").root


def resolver(response: TextResponse, root: Element) -> Resolver:
    """Return the resolver of the page.

    The base is the first ``base`` with an ``href``, resolved against the page's own URL, which
    stands where the ``href`` is not http(s)
    (https://html.spec.whatwg.org/multipage/semantics.html#the-base-element).
    """
    for base in root.iter("base"):
        href = base.get("href")
        if href is not None:
            url = Resolver(response.url, response.encoding)(href)
            return Resolver(url or response.url, response.encoding)
    return Resolver(response.url, response.encoding)
