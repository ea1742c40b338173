"""Are these bytes a complete image, and which?

Neither the Content-Type nor the extension of a URL is asked: the bytes say what they are. A walk
through the structure says whether they are all there, and a decoder looks at the pixels. See
the modules of the formats for what each can tell, and for the few cuts it cannot.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from imagecrawl.images import bmp, gif, heif, ico, jp2, jpeg, jxl, png, svg, tiff, webp
from imagecrawl.images.facts import (
    BadImage,
    ImageFacts,
    Walked,
    corrupt,
    not_an_image,
    truncated,
)
from imagecrawl.images.pixels import decode as decode_pixels
from imagecrawl.images.sniff import sniff
from imagecrawl.outcomes import Reason

__all__ = [
    "MAX_PIXELS",
    "BadImage",
    "Decode",
    "ImageFacts",
    "format_of",
    "inspect_image",
    "refusal",
]

MAX_PIXELS = 89_478_485
"""How many pixels are decoded at most: a quarter of a gigabyte of three bytes each."""


class _Format(NamedTuple):
    name: str
    extension: str
    walk: Callable[[bytes], Walked]


_FORMATS = {
    "JPEG": _Format("JPEG", "jpg", jpeg.walk),
    "PNG": _Format("PNG", "png", png.walk),
    "GIF": _Format("GIF", "gif", gif.walk),
    "WEBP": _Format("WEBP", "webp", webp.walk),
    "AVIF": _Format("AVIF", "avif", heif.walk_avif),
    "HEIC": _Format("HEIC", "heic", heif.walk_heic),
    "BMP": _Format("BMP", "bmp", bmp.walk),
    "TIFF": _Format("TIFF", "tiff", tiff.walk),
    "ICO": _Format("ICO", "ico", ico.walk),
    "CUR": _Format("ICO", "cur", ico.walk),
    "SVG": _Format("SVG", "svg", svg.walk),
    "JXL": _Format("JXL", "jxl", jxl.walk),
    "JPEG2000": _Format("JPEG2000", "jp2", jp2.walk),
}


class Decode(str, Enum):
    """How much of the pixels a decoder is to look at."""

    NONE = "none"
    SAMPLE = "sample"
    """All of them, but a sample where the structure leaves no doubt about the rest."""
    ALL = "all"


def inspect_image(
    body: bytes, *, max_pixels: int = MAX_PIXELS, decode: Decode = Decode.SAMPLE
) -> ImageFacts:
    """Return what the complete image *body* is.

    Raise `BadImage`, and nothing else, where it is no complete image. An image of more than
    *max_pixels* pixels is accepted on its structure alone; so is any with `Decode.NONE`.
    """
    kind = sniff(body)
    refused = refusal(kind)
    if refused is not None:
        raise refused
    name, extension, walk = _FORMATS[kind]
    walked = _walk(name, walk, body)
    decoded = _decode(walked, decode, max_pixels)
    return ImageFacts(name, extension, walked.width, walked.height, decoded)


def _decode(walked: Walked, how_much: Decode, max_pixels: int) -> bool:
    pixels = (walked.width or 0) * (walked.height or 0)
    if how_much is Decode.NONE or not walked.decoder or pixels > max_pixels:
        return False
    if how_much is Decode.SAMPLE and walked.sample is not None:
        return not walked.sample or decode_pixels(walked.decoder, walked.sample, max_pixels)
    return decode_pixels(walked.decoder, walked.pixels, max_pixels)


def _walk(name: str, walk: Callable[[bytes], Walked], body: bytes) -> Walked:
    """Walk, taking a read behind the end for what it is."""
    try:
        return walk(body)
    except (struct.error, IndexError) as error:
        raise truncated(f"{name} ends in a header") from error
    except BadImage:
        raise
    except Exception as error:  # whatever a hostile file finds: it must not end the crawl
        raise corrupt(f"{name} with impossible numbers ({type(error).__name__})") from error


def format_of(kind: str) -> str:
    """Return the name of the format that `sniff` calls *kind*."""
    return _FORMATS[kind].name


def refusal(kind: str) -> BadImage | None:
    """Return why what `sniff` calls *kind* is refused; None where that is an image format."""
    if kind in _FORMATS:
        return None
    if kind == "empty":
        return BadImage(Reason.EMPTY.value, "nothing, or nothing but blanks")
    if kind == "html":
        return BadImage(Reason.HTML.value, "an HTML page")
    if kind == "prolog":
        return truncated("markup that ends before its first tag")
    return not_an_image(kind)
