"""Is an SVG whole, and what size is it? (SVG 1.1 and 2; XML 1.0)

It must be well-formed XML with a root ``svg``. The parser expands no entity in content, reads no
external one and no DTD, and has libxml2's limits on; those on long values are lifted for a
file without a document type declaration, in which no entity can be defined.

``decoded`` is False: nothing is drawn. A cut behind the closing root tag is no cut.
"""

from __future__ import annotations

import math
import re

from lxml import etree

from imagecrawl.images.facts import BadImage, Walked, corrupt, not_an_image, truncated
from imagecrawl.images.markup import as_utf8

_NAMESPACES = ("", "http://www.w3.org/2000/svg")
_LENGTH = re.compile(r"\s*\+?(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)\s*([a-z]*)\s*\Z")
_UNITS = {"": 1.0, "px": 1.0, "pt": 96 / 72, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54}
_UNITS |= {"mm": 96 / 25.4, "q": 96 / 101.6}
_CLOSED = re.compile(rb"</(?:[\w.-]+:)?svg\s*>\s*\Z")
_LARGEST = 1 << 31
_LIMIT, _JUNK_BEHIND = 114, 5  # XML_ERR_RESOURCE_LIMIT, XML_ERR_DOCUMENT_END


def walk(body: bytes) -> Walked:
    """Parse *body*."""
    root = _parse(body)
    name = etree.QName(root)
    if name.localname != "svg" or (name.namespace or "") not in _NAMESPACES:
        raise not_an_image(f"xml {name.localname}")
    return Walked(*_dimensions(root.get("width"), root.get("height"), root.get("viewBox")))


def _parse(body: bytes) -> etree._Element:
    text = body
    if body[:1] in b"<\xef \t\r\n" and body[1:2] != b"\x00":  # UTF-8 or the like
        text = as_utf8(body).strip(b"\x00 \t\r\n")
    try:
        return etree.fromstring(text, _parser(huge=False))
    except etree.XMLSyntaxError as error:
        problem = error
    if problem.code == _LIMIT and b"<!DOCTYPE" not in as_utf8(body):
        try:
            return etree.fromstring(text, _parser(huge=True))
        except etree.XMLSyntaxError as error:
            problem = error
    raise _refusal(as_utf8(body), problem)


def _parser(huge: bool) -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=huge)


def _refusal(text: bytes, problem: etree.XMLSyntaxError) -> BadImage:
    detail = f"SVG: {problem.msg}"
    closed = _CLOSED.search(text[-256:].rstrip(b"\x00"))
    if closed or problem.code in (_LIMIT, _JUNK_BEHIND):
        return corrupt(detail)
    return truncated(detail)


def _dimensions(
    width: str | None, height: str | None, view_box: str | None
) -> tuple[int | None, int | None]:
    """Return the size in CSS pixels; a side that is not said follows from the view box."""
    wide, high = _length(width), _length(height)
    sides = [_length(part) for part in re.split(r"[\s,]+", (view_box or "").strip())]
    box_wide, box_high = (sides[2], sides[3]) if len(sides) == 4 else (None, None)
    if box_wide and box_high:
        if wide is None and high is None:
            wide, high = box_wide, box_high
        elif wide is None and high is not None:
            wide = high * box_wide / box_high
        elif high is None and wide is not None:
            high = wide * box_high / box_wide
    return _pixels(wide), _pixels(high)


def _length(text: str | None) -> float | None:
    """Return a length in pixels; None for percentages, relative units and nonsense."""
    found = _LENGTH.match((text or "")[:64].lower())
    unit = _UNITS.get(found.group(2)) if found else None
    return float(found.group(1)) * unit if found and unit else None


def _pixels(length: float | None) -> int | None:
    if length is None or not math.isfinite(length) or not 0 < length < _LARGEST:
        return None
    return max(1, round(length))
