"""What size is the image whose first bytes these are?

The answer is that of `inspect_image` for the whole file, should that be an image: pixels as
stored, before any rotation, by the same code where a format has some. Where the prefix
ends too early, or what follows could still change the answer, there is none. SVG has none.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from imagecrawl.images import bmp, gif, heif, ico, jp2, jpeg, jxl, png, tiff, webp
from imagecrawl.images.boxes import first, inner_boxes, leading_boxes
from imagecrawl.images.sniff import sniff

_Size = tuple[int | None, int | None]
_NONE: _Size = (None, None)


def dimensions(prefix: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels, if *prefix* tells them."""
    try:
        width, height = _READERS.get(sniff(prefix), _unknown)(prefix)
    except Exception:  # BadImage, and whatever a hostile file finds: it must not end the crawl
        return None
    return (width, height) if width and height else None


def _unknown(prefix: bytes) -> _Size:
    return _NONE


def _jpeg(prefix: bytes) -> _Size:
    """Find the first frame header (T.81, B.2.2); a height of 0 comes behind the scan (DNL)."""
    at = 2
    while True:
        found = jpeg.MARKER.search(prefix, at)
        if found is None:
            return _NONE
        marker, at = prefix[found.end() - 1], found.end()
        if marker in (jpeg.SOI, jpeg.EOI, jpeg.SOS):
            return _NONE
        end = jpeg.segment_end(prefix, at)
        if marker in jpeg.FRAMES:
            height, width = struct.unpack_from(">HH", prefix, at + 3)
            return (width, height) if end - at >= 8 else _NONE
        at = end


def _png(prefix: bytes) -> _Size:
    view = memoryview(prefix)
    kind, end = png.read_chunk(prefix, view, 8)
    if kind == b"IHDR":
        return png.read_size(prefix, 8)
    if kind != b"CgBI" or png.read_chunk(prefix, view, end)[0] != b"IHDR":
        return _NONE
    return png.read_size(prefix, end)


def _gif(prefix: bytes) -> _Size:
    """Find the first image: it may be larger than the screen."""
    width, height, packed = struct.unpack_from("<HHB", prefix, 6)
    at = 13 + gif.table_size(packed)
    while prefix[at] != gif.IMAGE:
        if prefix[at] == gif.EXTENSION:
            at = gif.sub_blocks_end(prefix, at + 2)
        elif prefix[at] == 0:
            at += 1
        else:
            return _NONE
    left, top, wide, high = struct.unpack_from("<HHHH", prefix, at + 1)
    return max(width, left + wide), max(height, top + high)


def _webp(prefix: bytes) -> _Size:
    """Trust the first chunk, unless a ``VP8X`` that counts for more may follow it."""
    size, _, kind, length = struct.unpack_from("<I4s4sI", prefix, 4)
    alone = 20 + length + (length & 1) + 8 > 8 + size
    if kind == b"VP8X" or (alone and kind in (b"VP8 ", b"VP8L")):
        return webp.canvas_size(prefix, {kind: 20}) if len(prefix) >= 30 else _NONE
    return _NONE


def _heif(prefix: bytes) -> _Size:
    """Look into the first meta box, if it is all there."""
    meta = first(list(leading_boxes(prefix)), b"meta")
    if meta is None or meta.end > len(prefix):
        return _NONE
    inner = inner_boxes(prefix, meta.start + 4, meta.end)
    return heif.largest_extent(prefix, first(inner, b"iprp"))


def _jp2(prefix: bytes) -> _Size:
    start = 0
    if prefix[:2] != jp2.SOC:
        box = first(list(leading_boxes(prefix)), b"jp2c")
        if box is None:
            return _NONE
        start = box.start
    return jp2.read_size(prefix, start)


def _jxl(prefix: bytes) -> _Size:
    """Read the head of a bare codestream, or of one that is in a single box."""
    streams = [box for box in leading_boxes(prefix) if box.kind in (b"jxlc", b"jxlp")]
    if prefix[:2] != jxl.MARK and (not streams or streams[0].kind != b"jxlc"):
        return _NONE
    return jxl.read_size(prefix, 0 if prefix[:2] == jxl.MARK else streams[0].start)


def _ico(prefix: bytes) -> _Size:
    size, at = ico.largest_picture(prefix)
    return _png(prefix[at:]) if prefix.startswith(png.SIGNATURE, at) else size


def _bmp(prefix: bytes) -> _Size:
    header = bmp.read_header(prefix, 14)
    return header.width, header.height


_READERS: dict[str, Callable[[bytes], _Size]] = {
    "JPEG": _jpeg,
    "PNG": _png,
    "GIF": _gif,
    "WEBP": _webp,
    "AVIF": _heif,
    "HEIC": _heif,
    "BMP": _bmp,
    "TIFF": tiff.first_page,
    "ICO": _ico,
    "CUR": _ico,
    "JXL": _jxl,
    "JPEG2000": _jp2,
}
