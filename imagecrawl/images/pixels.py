"""Has the decoder, Pillow, any complaint about the pixels?

The plugins are called directly, and not through ``Image.open``: the format is known, so no
other plugin can misjudge it, and no check of the number of pixels warns or raises before ours.
Nothing global is read or set, so that this may run in a pool of threads.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    IcoImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from imagecrawl.images.facts import BadImage, corrupt, truncated


def _open_jpeg(file: BytesIO) -> Image.Image:
    """Open a JPEG for an eighth of its size: all of it is read, little is computed."""
    image = JpegImagePlugin.JpegImageFile(file)
    image.draft("L", (image.width // 8 or 1, image.height // 8 or 1))
    return image


def _open_icon(file: BytesIO) -> Image.Image:
    return IcoImagePlugin.IcoFile(file).frame(0)


_OPEN: dict[str, Callable[[BytesIO], Image.Image]] = {
    "JPEG": _open_jpeg,
    "PNG": PngImagePlugin.PngImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "ICO": _open_icon,
    "TIFF": TiffImagePlugin.TiffImageFile,
}
if WebPImagePlugin.SUPPORTED:
    _OPEN["WEBP"] = WebPImagePlugin.WebPImageFile
if AvifImagePlugin.SUPPORTED:
    _OPEN["AVIF"] = AvifImagePlugin.AvifImageFile

_UNSUPPORTED = (
    *("unsupported", "not supported", "cannot handle", "unknown pixel mode", "no codec"),
    "not implemented",
    "invalid palette size",  # BMP of more than 256 colours
    *("exif", "not a tiff file"),  # AVIF whose Exif is broken, which no browser minds
)
_ABSTAINS = (Image.DecompressionBombError, Warning, MemoryError)


def decode(decoder: str, pixels: bytes, max_pixels: int) -> bool:
    """Decode the (first) picture; return False where the decoder has no opinion.

    That is so if it lacks the variant, the memory, or there are too many pixels. Raise
    `BadImage` where it refuses the pixels.
    """
    if decoder not in _OPEN:
        return False
    try:
        with _OPEN[decoder](BytesIO(pixels)) as image:
            if image.width * image.height > max_pixels:
                return False
            image.load()
    except _ABSTAINS:
        return False
    except Exception as error:  # plugins let out whatever their parsing runs into
        if _is_unsupported(error):
            return False
        raise _refusal(decoder, error) from error
    return True


def _is_unsupported(error: Exception) -> bool:
    """Tell whether the decoder lacks this variant of the format.

    A plugin looks variants up in tables: its ``KeyError`` means an unsupported mode.
    """
    message = str(error).lower()
    missing = isinstance(error, KeyError) or isinstance(error.__cause__, KeyError)
    return missing or any(words in message for words in _UNSUPPORTED)


def _refusal(decoder: str, error: Exception) -> BadImage:
    detail = f"{decoder} decoder: {error or type(error).__name__}"
    return truncated(detail) if "truncated" in detail.lower() else corrupt(detail)
