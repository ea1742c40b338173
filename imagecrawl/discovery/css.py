"""Which images does a style sheet name?

CSS is read by tinycss2 (CSS Syntax Level 3), but only the declarations that hold a URL: the rest
of a sheet, nearly all of it, is passed over by one regular expression that knows comments,
strings and blocks. Selectors are not matched: what some element of some page would show counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import tinycss2

from imagecrawl.discovery.names import words

# A piece of CSS that may hold a ``;`` or a brace which ends nothing, or one that ends something.
_PIECE = re.compile(
    r"""/\*.*?(?:\*/|\Z)|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?"""
    r"""|url\(\s*(?:[^"'\s)\\][^)\\]*(?:\\.[^)\\]*)*)?|\\.|[{};]""",
    re.IGNORECASE | re.DOTALL,
)
# A backslash may stand for a letter of "url".
_HAS_URL = re.compile(r"url\(|image-set\(|@import|\\[0-9a-f]", re.IGNORECASE)
_PROPERTY = re.compile(r"\s*(-{0,2}[a-z_][a-z0-9_-]*)\s*:", re.IGNORECASE)
_FONT_FACE = re.compile(r"@font-face\s*\Z", re.IGNORECASE)
_IMPORT = re.compile(r"\s*@import\b", re.IGNORECASE)
# What they refer to is a part of a document, code, or a font.
_NO_IMAGES = words(
    "src behavior -moz-binding filter -webkit-filter backdrop-filter clip-path "
    "-webkit-clip-path shape-inside marker marker-start marker-mid marker-end offset-path"
)
_IMAGE_SETS = frozenset(("image-set", "-webkit-image-set", "-moz-image-set"))
_DENSITIES = {"x": 1.0, "dppx": 1.0, "dpi": 1 / 96, "dpcm": 2.54 / 96}
_DEEPEST = 16
_LONGEST = 100_000


class CssImage(NamedTuple):
    """One image: its references as written, best first (an ``image-set`` has several)."""

    references: tuple[str, ...]
    property: str


def css_images(css: str) -> Iterator[CssImage]:
    """Yield the images that a style sheet, a ``style`` block or a ``style`` attribute names.

    ``image-set()`` is one image in several densities
    (https://drafts.csswg.org/css-images-4/#image-set-notation). References of documents'
    parts (``#id``) and of ``data:`` are left out.
    """
    for text, in_font_face in _declarations(css):
        match = _PROPERTY.match(text)
        name = match[1].lower() if match else ""
        if not match or in_font_face or name in _NO_IMAGES or _IMPORT.match(text):
            continue
        for references in _images(_values(text[match.end() :])):
            wanted = tuple(one for one in references if _is_reference(one))
            if wanted:
                yield CssImage(wanted, name)


def css_imports(css: str) -> Iterator[str]:
    """Yield the references of the sheets that *css* imports, as written."""
    for text, _ in _declarations(css):
        if not _IMPORT.match(text):
            continue
        for token in _values(text):
            reference = _url(token) or (token.value if token.type == "string" else None)
            if reference:
                yield reference
                break


def _declarations(css: str) -> Iterator[tuple[str, bool]]:
    """Yield what is between braces and semicolons, if it holds a URL, and whether in a font."""
    if not _HAS_URL.search(css):
        return
    start, fonts = 0, False
    for piece in _PIECE.finditer(css):
        mark = piece[0]
        if mark not in "{};":
            continue
        text = _without_comments(css[start : piece.start()])
        start = piece.end()
        if mark == "{":
            fonts = bool(_FONT_FACE.search(text))
            continue
        if len(text) < _LONGEST and _HAS_URL.search(text):
            yield text, fonts
        if mark == "}":
            fonts = False
    if len(css) - start < _LONGEST and _HAS_URL.search(css, start):
        yield _without_comments(css[start:]), fonts


def _without_comments(text: str) -> str:
    """Return *text* without the comments at its beginning; others stand between values."""
    text = text.lstrip()
    while text.startswith("/*"):
        end = text.find("*/", 2)
        text = text[end + 2 :].lstrip() if end >= 0 else ""
    return text


def _values(text: str) -> list[Any]:
    values: list[Any] = tinycss2.parse_component_value_list(text, skip_comments=True)
    return values


def _images(values: list[Any], depth: int = 0) -> Iterator[tuple[str, ...]]:
    for token in values:
        reference = _url(token)
        if reference is not None:
            yield (reference,)
        elif token.type == "function" and token.lower_name in _IMAGE_SETS:
            yield _image_set(token.arguments)
        elif depth < _DEEPEST:
            inside = getattr(token, "arguments", None) or getattr(token, "content", None)
            if inside:
                yield from _images(inside, depth + 1)


def _url(token: Any) -> str | None:
    if token.type == "url":
        return str(token.value)
    if token.type == "function" and token.lower_name in ("url", "src"):
        types = [inner.type for inner in token.arguments]
        if "string" in types and "error" not in types:
            return str(token.arguments[types.index("string")].value)
    return None


def _image_set(arguments: list[Any]) -> tuple[str, ...]:
    """Return the references of an ``image-set()``, the highest density first."""
    options: list[list[Any]] = [[]]
    for token in arguments:
        if token == ",":
            options.append([])
        else:
            options[-1].append(token)
    found = []
    for option in options:
        reference, density = None, 1.0
        for token in option:
            if token.type == "string" and reference is None:
                reference = str(token.value)
            elif token.type == "dimension":
                density = token.value * _DENSITIES.get(token.lower_unit, 1.0)
            else:
                reference = reference or _url(token)
        if reference:
            found.append((density, reference))
    return tuple(reference for _, reference in sorted(found, key=lambda one: -one[0]))


def _is_reference(text: str) -> bool:
    return bool(text.strip()) and not text.lstrip().lower().startswith(("#", "data:", "about:"))
