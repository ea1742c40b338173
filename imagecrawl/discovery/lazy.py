"""Which attributes do scripts read a picture's URL from?

There is no list of all lazy loaders: an attribute is taken by the name that many of them use, or,
whatever its name, where its value is plainly the URL of an image, or a ``srcset`` of such. What
the name does not tell to be the element's own picture is a picture of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import NamedTuple

from imagecrawl.discovery.lazyjson import images_in_json, widths_filled
from imagecrawl.discovery.names import is_image_file, words

# The attributes of the common ones (lazysizes, vanilla-lazyload, jquery.lazyload, echo.js,
# WP Rocket, Jetpack, Squarespace ...), best first.
KNOWN = (
    *("data-src", "data-lazy-src", "data-original", "data-lazy", "data-image", "data-echo"),
    *("data-original-src", "data-lazyload", "data-ll-src", "data-img", "data-imgsrc", "data-url"),
    *("data-srcset", "data-lazy-srcset", "data-bgset", "data-a-dynamic-image"),
)
KNOWN_BACKGROUNDS = (
    *("data-bg", "data-background", "data-background-image", "data-bg-image", "data-lazy-bg"),
    *("data-back", "data-bg-src", "data-bg-url", "data-image-src", "data-poster", "data-bg-multi"),
    "data-bgset",
)
# Values of these are URLs of pages, often: taken only where they are plainly an image's.
_WARY = frozenset(("data-url", "data-original", "data-background", "data-back"))
_LARGE = re.compile(r"full|large|zoom|hi-?res|high|retina|orig(?!inal(?:-src)?$)|\bbig\b|2x|max")
_SMALL = re.compile(r"thumb|small|tiny|low|lqip|blur|preview|mobile|mini")
# Shown when something is wrong, or on top of the picture.
_NO_PICTURE = re.compile(
    r"error|fallback|default|placeholder|loading|spinner|watermark|icon|flag|logo|avatar|badge"
    r"|file-?name|-name$|alt$|caption|title|tooltip|label|key$"
)
# The picture that takes another's place under the mouse is a picture of its own.
_OTHER = re.compile(r"hover|over$|swap|second|alternate|rollover|flip|next|prev")
_SRCSET = re.compile(r"\S+\s+[0-9.]+[wx]\s*(?:,|\Z)")
_URL_LIKE = re.compile(r"(?:https?:)?//|\.{0,2}/|[A-Za-z0-9_%-]+(?:/|\.[A-Za-z])")
_CSS_URL = re.compile(r"""url\((?:"([^"]*)"|'([^']*)'|([^"')]*))\)\Z""", re.IGNORECASE)
_STANDARD = words(
    "src srcset alt title id class style width height name longdesc usemap sizes lowsrc border "
    "align hspace vspace loading decoding crossorigin referrerpolicy fetchpriority role ismap "
    "itemprop content href media type lang dir slot part is imagesrcset poster data background"
)
_LONGEST = 8192


class Meaning(Enum):
    """Whose picture an attribute holds."""

    OWN = "own"
    UNKNOWN = "unknown"
    """Perhaps the element's, where it has no other."""
    OTHER = "other"


class LazyValue(NamedTuple):
    """An attribute that holds a URL, or a ``srcset``.

    ``size`` is 1 for what the name calls large, -1 for small.
    """

    name: str
    value: str
    size: int
    meaning: Meaning
    is_set: bool = False


def lazy_values(attributes: Mapping[str, str | None], *, is_img: bool) -> Iterator[LazyValue]:
    """Yield the attributes among *attributes* that hold an image, those with known names first.

    Of an element that is no picture itself, known names are not enough for a value that is not
    plainly an image, but for those of backgrounds; of an ``img``, what is of no standard counts,
    too.
    """
    known = KNOWN if is_img else KNOWN_BACKGROUNDS
    names = [name for name in known if name in attributes]
    for name in attributes:
        if name not in known and (name.startswith("data-") or (is_img and _is_odd(name))):
            names.append(name)
    for name in names:
        value = (attributes[name] or "").strip()
        if value and len(value) <= _LONGEST:
            yield from _values(name, value, attributes, known, is_img)


def _values(
    name: str,
    value: str,
    attributes: Mapping[str, str | None],
    known: tuple[str, ...],
    is_img: bool,
) -> Iterator[LazyValue]:
    meaning, size = _meaning(name, known), _size(name)
    if name not in known and _NO_PICTURE.search(name):
        return
    if value[0] in "{[":
        for found, is_set in images_in_json(value):
            own = Meaning.OWN if is_set else Meaning.OTHER
            yield LazyValue(name, found, size, own, is_set)
        return
    if _is_srcset(name, value):
        yield LazyValue(name, value, size, meaning, True)
        return
    pieces = _pieces(value)
    for piece in pieces:
        if filled := widths_filled(piece, attributes):
            yield LazyValue(name, filled, size, meaning, True)
        elif _is_plausible(name, piece, known):
            yield LazyValue(name, piece, size, meaning if len(pieces) == 1 else Meaning.OTHER)


def _pieces(value: str) -> list[str]:
    """Return the references in *value*: most have one, some several."""
    for mark in ("|", ","):
        pieces = [_unwrapped(piece.strip()) for piece in value.split(mark)]
        if len(pieces) > 1 and all(map(is_image_file, pieces)):
            return pieces
    return [_unwrapped(value)]


def _unwrapped(value: str) -> str:
    match = _CSS_URL.match(value) if value[:4].lower() == "url(" else None
    return (match[1] or match[2] or match[3] or "").strip() if match else value


def _is_odd(name: str) -> bool:
    """Tell whether *name*, of an ``img``, is of no standard: ``file``, ``zoomfile``, ``_src``."""
    return name.isascii() and name not in _STANDARD and not name.startswith(("on", "aria-"))


def _meaning(name: str, known: tuple[str, ...]) -> Meaning:
    if name in known:
        return Meaning.OWN
    if _OTHER.search(name):
        return Meaning.OTHER
    return Meaning.OWN if _size(name) or name.endswith(("srcset", "bgset")) else Meaning.UNKNOWN


def _size(name: str) -> int:
    return -1 if _SMALL.search(name) else 1 if _LARGE.search(name) else 0


def _is_srcset(name: str, value: str) -> bool:
    if name.endswith(("srcset", "bgset")):
        return not value.startswith("#")
    url = value.partition(" ")[0]
    return bool(_SRCSET.match(value)) and is_image_file(url)


def _is_plausible(name: str, value: str, known: tuple[str, ...]) -> bool:
    """Tell whether *value* can be an image's URL: such attributes hold flags and names, too."""
    if "|" in value or value[:1] == "<" or "{" in value:
        return False
    if is_image_file(value):
        return name in known or (not re.search(r"\s", value) and "/" in value)
    return (
        name in known
        and name not in _WARY
        and "/" in value
        and not re.search(r"[\s<>]", value)
        and bool(_URL_LIKE.match(value))
    )
