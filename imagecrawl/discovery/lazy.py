"""Which attributes do scripts read a picture's URL from?

There is no list of all lazy loaders: an attribute is taken by the name that many of them use, or,
whatever its name, where its value is plainly the URL of an image, or a ``srcset`` of such.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from imagecrawl.discovery.names import is_image_file, words

# The attributes of the common ones (lazysizes, vanilla-lazyload, jquery.lazyload, echo.js,
# WP Rocket, Jetpack, Squarespace ...), best first.
KNOWN = (
    *("data-src", "data-lazy-src", "data-original", "data-lazy", "data-image", "data-echo"),
    *("data-original-src", "data-lazyload", "data-ll-src", "data-img", "data-imgsrc", "data-url"),
)
KNOWN_BACKGROUNDS = (
    *("data-bg", "data-background", "data-background-image", "data-bg-image", "data-lazy-bg"),
    *("data-back", "data-bg-src", "data-bg-url", "data-image-src", "data-poster"),
)
# Values of these are URLs of pages, often: taken only where they are plainly an image's.
_WARY = frozenset(("data-url", "data-original", "data-background", "data-back"))
_LARGE = re.compile(r"full|large|zoom|hi-?res|high|retina|orig(?!inal(?:-src)?$)|\bbig\b|2x|max")
_SMALL = re.compile(r"thumb|small|tiny|low|lqip|blur|placeholder|preview|fallback|mobile|mini")
# The picture that takes another's place under the mouse is a picture of its own.
_OTHER = re.compile(r"hover|over$|swap|second|alternate|rollover|flip")
_SRCSET = re.compile(r"\S+\s+[0-9.]+[wx]\s*(?:,|\Z)")
_CSS_URL = re.compile(r"""\Aurl\(\s*(['"]?)(.*?)\1\s*\)\Z""", re.IGNORECASE)
_STANDARD = words(
    "src srcset alt title id class style width height name longdesc usemap sizes lowsrc border "
    "align hspace vspace loading decoding crossorigin referrerpolicy fetchpriority role ismap "
    "itemprop content href media type lang dir slot part is"
)
_URL_LIKE = re.compile(r"(?:https?:)?//|\.{0,2}/|[A-Za-z0-9_%-]+(?:/|\.[A-Za-z])")
_LONGEST = 8192


class LazyValue(NamedTuple):
    """An attribute that holds a URL, or a ``srcset``.

    ``size`` is 1 for what the name calls large, -1 for small; ``other`` says that it is another
    picture than the element's own.
    """

    name: str
    value: str
    size: int
    is_set: bool = False
    other: bool = False


def lazy_values(attributes: Mapping[str, str | None], *, wary: bool) -> Iterator[LazyValue]:
    """Yield the attributes among *attributes* that hold an image, those with known names first.

    With *wary*, of an element that is no picture itself, known names are not enough for a value
    that is not plainly an image, but for those of backgrounds.
    """
    known = KNOWN_BACKGROUNDS if wary else (*KNOWN, *KNOWN_BACKGROUNDS)
    names = [name for name in known if name in attributes]
    names += [
        name
        for name in attributes
        if name not in known and (name.startswith("data-") or (not wary and _is_odd(name)))
    ]
    for name in names:
        value = _CSS_URL.sub(r"\2", (attributes[name] or "").strip())
        if not value or len(value) > _LONGEST or value[0] in "{[<":
            continue
        is_set = _is_srcset(name, value)
        if is_set or _is_plausible(name, value, known):
            about = (_size(name), is_set, bool(_OTHER.search(name)))
            yield from _filled(LazyValue(name, value, *about), attributes)


def _is_odd(name: str) -> bool:
    """Tell whether *name*, of an ``img``, is of no standard: ``file``, ``zoomfile``, ``_src``."""
    return name.isascii() and name not in _STANDARD and not name.startswith(("on", "aria-"))


def _size(name: str) -> int:
    return -1 if _SMALL.search(name) else 1 if _LARGE.search(name) else 0


def _is_srcset(name: str, value: str) -> bool:
    if name.endswith(("srcset", "bgset")):
        return not value.startswith("#")
    url = value.partition(" ")[0]
    return bool(_SRCSET.match(value)) and is_image_file(url)


def _is_plausible(name: str, value: str, known: tuple[str, ...]) -> bool:
    """Tell whether *value* can be an image's URL: such attributes hold flags and JSON, too."""
    if "|" in value:
        return False
    if is_image_file(value):
        return not re.search(r"\s", value) or name in known
    return (
        name in known
        and name not in _WARY
        and "/" in value
        and not re.search(r"[\s<>]", value)
        and bool(_URL_LIKE.match(value))
    )


def _filled(lazy: LazyValue, attributes: Mapping[str, str | None]) -> Iterator[LazyValue]:
    """Fill in the ``{width}`` of a template, with each of the widths (as lazysizes' *rias*)."""
    if "{width}" not in lazy.value:
        yield lazy
        return
    try:
        widths = [int(width) for width in json.loads(attributes.get("data-widths") or "[]")]
    except (ValueError, TypeError, RecursionError):
        return
    url = lazy.value.replace(" ", "%20")
    candidates = (f"{url.replace('{width}', str(width))} {width}w" for width in widths[:100])
    yield lazy._replace(value=", ".join(candidates), is_set=True)
