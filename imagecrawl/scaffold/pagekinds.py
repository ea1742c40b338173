"""What kind of page has come, and is it the one that a template is for?"""

from __future__ import annotations

import json

from imagecrawl.images.facts import BadImage
from imagecrawl.images.inspect import Decode, inspect_image
from imagecrawl.images.sniff import sniff
from imagecrawl.scaffold.templates import HTML, JSON, Template

SITEMAP = "a sitemap"

_FOR = {HTML: "-t gallery or -t list", JSON: "-t api", SITEMAP: "-t sitemap"}
_SITEMAPS = ("xml urlset", "xml sitemapindex")
_WORDS = {"json": "broken JSON", "text": "plain text", "unknown": "of an unknown kind"}


def page_kind(body: bytes, content_type: str = "") -> str:
    """Return ``HTML``, ``JSON``, ``a sitemap``, or in words what else *body* is.

    The bytes decide; where they may be anything that is text, a *content_type* of HTML does.
    """
    image = image_format(body)
    if image:
        return f"an image ({image})"
    kind = _sniffed(body)
    if kind in ("html", "prolog"):
        return HTML
    if is_json(body):
        return JSON
    if kind in _SITEMAPS:
        return SITEMAP
    if kind == "SVG" or kind.startswith("xml"):
        words = f"XML ({kind.removeprefix('xml ')})"
    elif kind in _WORDS:
        words = _WORDS[kind]
    else:
        return f"a file ({kind})"
    return HTML if "html" in content_type.lower() else words


def image_format(body: bytes) -> str:
    """Return the format of the image that *body* is, or begins as; nothing if it is none."""
    kind = _sniffed(body)
    if kind == "SVG":  # a page may begin with one
        try:
            inspect_image(body, decode=Decode.NONE)
        except BadImage:
            return ""
    return kind if kind.isupper() else ""


def is_json(body: bytes) -> bool:
    """Tell whether *body* is a JSON object or array."""
    try:
        return isinstance(json.loads(body), (dict, list))
    except (ValueError, RecursionError):
        return False


def mismatch(url: str, kind: str, template: Template) -> str:
    """Return a line on the page at *url*, whose *kind* is not what *template* is for."""
    if kind.startswith("an image"):
        return f"{url} is {kind}, and no page: give the page that shows it"
    hint = f"{_FOR[kind]} is for that; " if kind in _FOR else ""
    wanted = "a sitemap or HTML" if template.name == "sitemap" else template.reads
    return (
        f"{url} is {kind}, and -t {template.name} is for {wanted}: {hint}"
        "--no-page makes the spider all the same"
    )


def _sniffed(body: bytes) -> str:
    try:
        return sniff(body)
    except BadImage:  # a few bytes, which could become an image
        return "unknown"
