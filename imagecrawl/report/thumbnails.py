"""How does an image look, small?

The files come from strangers. Pillow's plugins are called directly, as in
:mod:`imagecrawl.images.pixels`: no other format is tried, and no global limit is read or set. What
is too large to be decoded at once, what is broken, and what has no decoder (SVG, HEIC, JPEG XL) has
no thumbnail.
"""

from __future__ import annotations

import math
import stat
from array import array
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

_MOST_BYTES = 64 * 1024 * 1024
_MOST_PIXELS = 16_000_000
_MOST_JPEG_PIXELS = 64_000_000
"""A JPEG is decoded at an eighth of its size, if that is enough."""
_QUALITY = 55

_OPEN: dict[str, Callable[[BytesIO], Image.Image]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
}
if WebPImagePlugin.SUPPORTED:
    _OPEN["WEBP"] = WebPImagePlugin.WebPImageFile
if AvifImagePlugin.SUPPORTED:
    _OPEN["AVIF"] = AvifImagePlugin.AvifImageFile


def thumbnail(path: Path, format: str, side: int) -> tuple[bytes, int, int] | None:
    """Return the image in *path* as a WebP (JPEG, without that codec) no larger than *side*
    pixels, with its width and height; ``None`` if none can be made."""
    if format not in _OPEN:
        return None
    try:
        about = path.stat()
        # To open a FIFO is to wait for its writer.
        if not stat.S_ISREG(about.st_mode) or about.st_size > _MOST_BYTES:
            return None
        with _OPEN[format](BytesIO(path.read_bytes())) as image:
            return _small(image, side)
    except Exception:  # plugins let out whatever their parsing runs into
        return None


def _in_its_own_range(image: Image.Image, side: int) -> Image.Image:
    """Return *image*, whose values are no shades of 8 bits (16-bit greyscale, of which medical
    pictures use 12; heights; counts), with black for its least value and white for its largest."""
    small = ImageOps.exif_transpose(image).convert("F")
    small.thumbnail((side, side), Image.Resampling.BOX, reducing_gap=1.5)
    values = array("f", small.tobytes())
    known = [value for value in values if math.isfinite(value)] or [0.0]
    least, range_ = min(known), max(known) - min(known)
    # What is all of one value is shown as that shade of 16 bits.
    base, unit = (least, 255 / range_) if range_ else (0.0, 1 / 257)
    shades = ((value - base) * unit if math.isfinite(value) else 0 for value in values)
    return Image.frombytes("L", small.size, bytes(min(max(round(one), 0), 255) for one in shades))


def _small(image: Image.Image, side: int) -> tuple[bytes, int, int] | None:
    pixels = image.width * image.height
    if pixels > (_MOST_JPEG_PIXELS if image.format == "JPEG" else _MOST_PIXELS):
        return None
    if image.mode[0] in "IF":
        image = _in_its_own_range(image, side)
    image.draft("RGB", (side, side))
    alpha = "A" in image.getbands() or "transparency" in image.info
    small = image.convert("RGBA" if alpha else "RGB") if image.mode != "RGB" else image
    small.thumbnail((side, side), Image.Resampling.BOX, reducing_gap=1.5)
    small = ImageOps.exif_transpose(small)
    small.info.clear()  # its profile and Exif would go along
    out = BytesIO()
    if WebPImagePlugin.SUPPORTED:
        small.save(out, "WEBP", quality=_QUALITY, method=2)
    else:
        small.convert("RGB").save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue(), small.width, small.height
