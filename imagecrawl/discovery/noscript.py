"""What does a page offer where scripts do not run?

Where they do, the HTML standard has a parser leave the contents of a ``noscript`` as text
(https://html.spec.whatwg.org/multipage/scripting.html#the-noscript-element); lxml parses them,
but pages made by such a parser have them escaped.
"""

from __future__ import annotations

from collections.abc import Iterator

from parsel import Selector

from imagecrawl.discovery.document import Element

# Of a picture; "image" is what the HTML standard reads as "img", and lxml leaves.
PARTS = ("img", "image", "picture", "source")


def unparsed_html(noscript: Element) -> Element | None:
    """Return the root of what *noscript* holds as text, ``None`` when it holds no markup."""
    text = "".join(_own_text(noscript))
    return Selector(text=text, type="html").root if "<" in text else None


def _own_text(element: Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        yield child.tail or ""


def fallback_elements(root: Element) -> set[Element]:
    """Return the ``noscript`` elements of *root*, and the elements of pictures in them."""
    found: set[Element] = set()
    for noscript in root.iter("noscript"):
        if noscript not in found:
            found.update(noscript.iter(*PARTS, "noscript"))
    return found
