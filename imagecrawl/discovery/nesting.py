"""What is taken out of a page before it is parsed, so that no page takes long?

The HTML standard's tree construction is quadratic in places: each ``div`` looks through all open
elements for a ``p``, each ``p`` opens again whatever formatting was left open, each attribute is
compared with those before it. Browsers stop at a depth of 512; Lexbor stops nowhere, and 100 kB
of ``<option>`` or ``<font>`` can hold it for minutes. Pages that people read come nowhere near
these limits; of one that does, elements that hold no image lose their nesting, not their
attributes.
"""

from __future__ import annotations

import re
from collections import Counter

from imagecrawl.discovery.names import words

_TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]*)")
_VOID = words("area base br col embed hr img input link meta param source track wbr image amp-img")
# What is inside is no markup, or their end tags are optional, and the next one closes them.
_FLAT = words(
    "script style textarea title xmp noembed iframe noframes plaintext template html head body "
    "p li td th tr tbody thead tfoot caption colgroup dt dd optgroup rp rt a frameset"
)
_FORMATTING = words("b big code em font i s small strike strong tt u")
_FORMATTING_TAG = re.compile(rf"<(?:{'|'.join(_FORMATTING)})[\s>]", re.IGNORECASE)

_DEEPEST = 1000
_MANY_TAGS = 10_000
_MANY_OPTIONS = 1000
_MANY_NODES = 2_000_000
_MANY_ATTRIBUTES = 500
_LONG_TAG = 20_000
# XML's empty elements, which HTML reads as start tags.
_EMPTY = re.compile(r"<(?:[A-Za-z]+:)?([A-Za-z][A-Za-z0-9-]*)((?:\s[^<>]*)?)/>")
_PREFIX = re.compile(r"<(/?)(?:h|html|xhtml):(?=[a-z])")
_ATTRIBUTE = re.compile(r"""[^\s"'=<>]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?""")


def tamed(html: str) -> str:
    """Return *html*, with what would make a parser slow taken out of it."""
    pieces = html.split(">")
    if max(map(len, pieces)) > _LONG_TAG:
        html = ">".join(_shortened(piece) for piece in pieces)
    tags = html.count("<")
    if tags < _MANY_TAGS and tags * len(_FORMATTING_TAG.findall(html)) < _MANY_NODES:
        return html
    return _Flattening(tags).flattened(html)


def expanded(xml: str) -> str:
    """Return XHTML as HTML: ``<script/>`` has an end tag, and ``<h:img/>`` no prefix."""
    xml = _PREFIX.sub(r"<\1", xml)
    return _EMPTY.sub(lambda m: m[0] if m[1] in _VOID else f"<{m[1]}{m[2]}></{m[1]}>", xml)


def _shortened(piece: str) -> str:
    """Cut a tag off behind its 500th attribute."""
    start = piece.rfind("<")
    if len(piece) <= _LONG_TAG or start < 0:
        return piece
    for count, match in enumerate(_ATTRIBUTE.finditer(piece, start)):
        if count > _MANY_ATTRIBUTES:
            return piece[: match.start()]
    return piece


class _Flattening:
    """One pass over the tags, counting which are open."""

    def __init__(self, tags: int) -> None:
        self._open: Counter[str] = Counter()
        self._depth = 0
        self._formatting = 0
        # So many may be open, when each of the other tags may open them all again.
        self._most_formatting = min(256, max(4, _MANY_NODES // tags))
        self._options = 0

    def flattened(self, html: str) -> str:
        return _TAG.sub(self._tag, html)

    def _tag(self, match: re.Match[str]) -> str:
        name = match[2].lower()
        if name in _VOID or name in _FLAT:
            return match[0]
        if match[1]:
            # What is closed without being open is looked for among all that is: make it a comment.
            return match[0] if self._closed(name) else "<!"
        if self._too_much(name):
            return "<wbr"  # void: it keeps its attributes, and nothing is inside
        self._open[name] += 1
        self._depth += 1
        self._formatting += name in _FORMATTING
        return match[0]

    def _closed(self, name: str) -> bool:
        if not self._open[name]:
            return False
        self._open[name] -= 1
        self._depth -= 1
        self._formatting -= name in _FORMATTING
        return True

    def _too_much(self, name: str) -> bool:
        if name == "option":
            self._options += 1
            return self._options > _MANY_OPTIONS
        if name in _FORMATTING and self._formatting >= self._most_formatting:
            return True
        return self._depth >= _DEEPEST
