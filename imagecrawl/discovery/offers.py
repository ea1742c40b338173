"""Which URLs does an ``img`` or a ``source`` offer, and which of them is the best?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from imagecrawl.discovery.addresses import Resolver
from imagecrawl.discovery.document import Element
from imagecrawl.discovery.names import is_image_file, is_placeholder
from imagecrawl.discovery.srcset import parse_srcset

# The attributes of the common lazy loaders (lazysizes, vanilla-lazyload, jquery.lazyload, echo.js,
# WP Rocket, Jetpack ...), best first.
_LAZY_SETS = ("data-srcset", "data-lazy-srcset")
_LARGE = ("data-hi-res-src", "data-full")
_LAZY = (
    *_LARGE,
    *("data-src", "data-lazy-src", "data-original", "data-lazy", "data-image", "data-echo"),
    "data-url",  # of a page, often: only where it is plainly an image's
)
# Below this declared width a candidate is the blur shown while the real one loads.
_SMALLEST_WIDTH = 64
_MEDIA_WIDTH = re.compile(
    r"(?:(min|max)-(?:device-)?width\s*:|width\s*([<>])=?)\s*([0-9.]+)(r?em)?"
)
# https://html.spec.whatwg.org/multipage/images.html#update-the-source-set goes by the ``type``;
# these are what few programs can read.
_RARE_TYPES = frozenset(
    ("image/jxl", "image/heic", "image/heif", "image/jxr", "image/vnd.ms-photo")
)


class Offer(NamedTuple):
    """One URL of a picture. The higher the rank, the better."""

    url: str
    source: str
    rank: tuple[float, ...] = ()
    stand_in: bool = False
    """What is shown until the picture is loaded, by all appearances."""


def best_first(offers: Iterable[Offer]) -> list[Offer]:
    """Return *offers* with the largest first, and no stand-in where there is a picture."""
    offers = list(offers)
    real = [offer for offer in offers if not offer.stand_in]
    return sorted(real or offers, key=lambda offer: offer.rank, reverse=True)


def img_offers(img: Element, resolve: Resolver) -> Iterator[Offer]:
    """Yield what an ``img`` offers: the lazy attributes, ``srcset``, ``src``.

    The rank goes by the declared width, then by the density; ``src`` counts as ``1x``, as it does
    in the standard's "update the source set".
    """
    yield from _single_offers(dict(img.items()), resolve)
    yield from _set_offers(img, resolve, "img@", (1.0, 0.0))
    src = resolve(img.get("src"))
    if src:
        dot = img.get("width") in ("0", "1") and img.get("height") in ("0", "1")
        yield Offer(src, "img@src", _rank(), dot or is_placeholder(src))


def source_offers(source: Element, resolve: Resolver) -> Iterator[Offer]:
    """Yield what a ``source`` of a ``picture`` offers; its ``type`` and ``media`` weigh in."""
    kind = (source.get("type") or "image/").partition(";")[0].strip().lower()
    readable = kind.startswith("image/") and kind not in _RARE_TYPES
    about = (float(readable), _media_width(source.get("media") or ""))
    return _set_offers(source, resolve, "source@", about)


def _single_offers(attributes: dict[str, str], resolve: Resolver) -> Iterator[Offer]:
    for name in _LAZY:
        if name in attributes and _is_plausible(name, attributes[name]):
            url = resolve(attributes[name])
            if url:
                yield Offer(url, f"img@{name}", _rank(large=float(name in _LARGE)))


def _is_plausible(name: str, value: str) -> bool:
    """Tell whether *value* can be an image's URL: such attributes hold flags and JSON, too."""
    if value.lstrip()[:1] in ("{", "[", "<"):
        return False
    return (name != "data-url" and "/" in value) or is_image_file(value)


def _set_offers(
    element: Element, resolve: Resolver, prefix: str, about: tuple[float, float]
) -> Iterator[Offer]:
    for name in (*_LAZY_SETS, "srcset"):
        value = element.get(name)
        for candidate in parse_srcset(value) if value else ():
            url = resolve(candidate.url)
            if url:
                rank = _rank(about, candidate.width, candidate.density)
                yield Offer(url, prefix + name, rank, name == "srcset" and is_placeholder(url))


def _rank(
    about: tuple[float, float] = (1.0, 0.0),
    width: int | None = None,
    density: float | None = None,
    large: float = 0.0,
) -> tuple[float, ...]:
    readable, media = about
    wide = float(width) if width and width > _SMALLEST_WIDTH else 0.0
    tiny = bool(width) and not wide
    return readable, large, wide, media, -1.0 if tiny else 1.0 if density is None else density


def _media_width(media: str) -> float:
    """Return a measure of the screen that a media query asks for, 0 when it asks for none.

    A source for screens from 1200 px up has a larger picture than one without a condition, and
    that a larger one than a source for screens up to 600 px.
    """
    widths = [0.0]
    for bound, sign, number, em in _MEDIA_WIDTH.findall(media.lower()):
        try:
            pixels = float(number) * (16 if em else 1)
        except ValueError:
            continue
        if bound == "min" or sign == ">":
            return pixels
        widths.append(-1 / (1 + pixels))
    return min(widths)
