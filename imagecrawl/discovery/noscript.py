"""What does a page offer where scripts do not run?

Pages made by a parser with scripting have the contents of a ``noscript`` escaped, as text
(https://html.spec.whatwg.org/multipage/scripting.html#the-noscript-element); ours parses the
others, as a browser without scripts does.
"""

from __future__ import annotations

from collections.abc import Iterator

from imagecrawl.discovery.document import Document, Element

PARTS = "img, picture, source"
"""Of a picture."""


def unparsed_html(noscript: Element) -> Element | None:
    """Return the root of what *noscript* holds as text, ``None`` when it holds no markup."""
    if noscript.has_elements:
        return None
    text = noscript.text()
    return Document(text, "").root if "<" in text else None


def pictures_in(noscript: Element) -> Iterator[Element]:
    """Yield the ``img`` and ``picture`` elements in *noscript*, escaped or not."""
    root = unparsed_html(noscript) or noscript
    return root.select("img, picture")


def fallback_keys(root: Element) -> set[int]:
    """Return the keys of the ``noscript`` elements of *root*, and of what is in them."""
    found: set[int] = set()
    for noscript in (root, *root.select("noscript")):
        if noscript.tag == "noscript" and noscript.key not in found:
            found.add(noscript.key)
            found.update(one.key for one in noscript.select(f"{PARTS}, noscript"))
    return found
