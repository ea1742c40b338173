"""Which URLs does an ``img`` or a ``source`` offer, and which of them is the best?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from imagecrawl.discovery.addresses import Resolver
from imagecrawl.discovery.document import Element
from imagecrawl.discovery.lazy import LazyValue, Meaning, lazy_values
from imagecrawl.discovery.names import is_image_file, is_placeholder
from imagecrawl.discovery.srcset import parse_srcset

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
    """One URL of a picture. The higher the rank, the better.

    ``width`` (pixels) and ``density`` are what a ``srcset`` declares of it.
    """

    url: str
    source: str
    rank: tuple[float, ...] = ()
    stand_in: bool = False
    """What is shown until the picture is loaded, by all appearances."""
    width: int | None = None
    density: float | None = None

    @property
    def is_declared(self) -> bool:
        """Whether it is a size of the picture by a ``srcset``."""
        return self.source.endswith(("srcset", "bgset"))


def best_first(offers: Iterable[Offer]) -> tuple[list[Offer], list[Offer]]:
    """Return *offers* with the largest first; apart, the stand-ins where there is a picture."""
    offers = sorted(offers, key=lambda offer: offer.rank, reverse=True)
    real = [offer for offer in offers if not offer.stand_in]
    return (real, [offer for offer in offers if offer.stand_in]) if real else (offers, [])


def img_offers(img: Element, resolve: Resolver) -> Iterator[Offer]:
    """Yield what an ``img`` offers: the lazy attributes, ``srcset``, ``src``.

    The rank goes by the declared width, then by the density; ``src`` counts as ``1x``, as it does
    in the standard's "update the source set". A custom element (``amp-img``) is read in the same
    way.
    """
    lazies = list(lazy_values(img.attributes, is_img=True))
    found = [*_named_offers(img, lazies, resolve, Meaning.OWN), *_own_offers(img, resolve)]
    if all(offer.stand_in for offer in found):
        # No attribute says that it is this picture: then those do that hold any.
        found += _named_offers(img, lazies, resolve, Meaning.UNKNOWN)
    yield from found


def _named_offers(
    img: Element, lazies: list[LazyValue], resolve: Resolver, meaning: Meaning
) -> list[Offer]:
    mine = (lazy for lazy in lazies if lazy.meaning is meaning)
    return [offer for lazy in mine for offer in lazy_offers(img.tag, lazy, resolve)]


def _own_offers(img: Element, resolve: Resolver) -> Iterator[Offer]:
    """Yield what the standard's attributes of an ``img`` offer."""
    yield from _set_offers(img.tag, "srcset", img.get("srcset"), resolve)
    src = resolve(img.get("src"))
    if src:
        dot = img.get("width") in ("0", "1") and img.get("height") in ("0", "1")
        # What a page holds within itself is shown until the real one is loaded, if there is one.
        stand_in = dot or src.startswith("data:") or is_placeholder(src)
        yield Offer(src, f"{img.tag}@src", _rank(), stand_in)
    low = resolve(img.get("lowsrc"))
    if low:
        yield Offer(low, f"{img.tag}@lowsrc", _rank(large=-2.0))


def lazy_offers(tag: str, lazy: LazyValue, resolve: Resolver) -> Iterator[Offer]:
    """Yield what an attribute for scripts offers."""
    large = float(lazy.size)
    if lazy.is_set:
        yield from _set_offers(tag, lazy.name, lazy.value, resolve, large=large)
        return
    url = resolve(lazy.value)
    if url:
        placeholder = is_placeholder(url) and is_image_file(url)
        yield Offer(url, f"{tag}@{lazy.name}", _rank(large=large), placeholder)


def source_offers(source: Element, resolve: Resolver) -> Iterator[Offer]:
    """Yield what a ``source`` of a ``picture`` offers; its ``type`` and ``media`` weigh in."""
    kind = (source.get("type") or "image/").partition(";")[0].strip().lower()
    readable = kind.startswith("image/") and kind not in _RARE_TYPES
    about = (float(readable), _media_width(source.get("media") or ""))
    for lazy in lazy_values(source.attributes, is_img=False):
        if lazy.is_set:
            yield from _set_offers("source", lazy.name, lazy.value, resolve, about)
        elif url := resolve(lazy.value):
            yield Offer(url, f"source@{lazy.name}", _rank(about))
    yield from _set_offers("source", "srcset", source.get("srcset"), resolve, about)


def set_offers(tag: str, name: str, value: str | None, resolve: Resolver) -> Iterator[Offer]:
    """Yield what the attribute *name* with the ``srcset`` *value* offers."""
    return _set_offers(tag, name, value, resolve)


def _set_offers(
    tag: str,
    name: str,
    value: str | None,
    resolve: Resolver,
    about: tuple[float, float] = (1.0, 0.0),
    large: float = 0.0,
) -> Iterator[Offer]:
    for candidate in parse_srcset(value) if value else ():
        url = resolve(candidate.url)
        if url:
            rank = _rank(about, candidate.width, candidate.density, large)
            placeholder = name == "srcset" and is_placeholder(url)
            size = (candidate.width, candidate.density)
            yield Offer(url, f"{tag}@{name}", rank, placeholder, *size)


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
