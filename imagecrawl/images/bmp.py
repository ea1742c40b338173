"""Is a BMP whole, and what size is it? (Microsoft: Bitmap Storage; IBM: OS/2 bitmaps)

The size of the pixels follows from width, height and depth, so that ``bfSize``, which is 0 or
wrong in many files, is not needed. Run-length coded pixels are walked to their end mark, and not
decoded: they may leave pixels out, which Pillow does not accept. The palette and an embedded
profile (``bV5ProfileData``) must be there as well. Bytes behind are allowed.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from imagecrawl.images.facts import Walked, corrupt, truncated

_RAW, _RLE8, _RLE4, _BITFIELDS, _JPEG, _PNG, _ALPHABITFIELDS = range(7)
_DEPTHS = frozenset({1, 2, 4, 8, 16, 24, 32, 64})
_DECODABLE = frozenset({12, 40, 52, 56, 64, 108, 124})


class Header(NamedTuple):
    """What of a bitmap's header matters."""

    size: int
    width: int
    height: int
    depth: int
    compression: int
    image_size: int
    colours: int

    @property
    def indexed(self) -> bool:
        """Whether pixels are numbers of colours in a palette."""
        return 1 <= self.depth <= 8

    @property
    def stride(self) -> int:
        """Bytes of a row, which is padded to four."""
        return (self.width * self.depth + 31) // 32 * 4


def read_header(body: bytes, at: int) -> Header:
    """Read the header at *at*: that of OS/2 (12 or 16 bytes) or one of Windows."""
    (size,) = struct.unpack_from("<I", body, at)
    if size == 12:
        width, height, _, depth = struct.unpack_from("<HHHH", body, at + 4)
        return Header(size, width, height, depth, _RAW, 0, 0)
    width, height, _, depth = struct.unpack_from("<iiHH", body, at + 4)
    if size < 40:
        return Header(size, abs(width), abs(height), depth, _RAW, 0, 0)
    compression, image_size, _, _, colours = struct.unpack_from("<IIiiI", body, at + 16)
    return Header(size, abs(width), abs(height), depth, compression, image_size, colours)


def walk(body: bytes) -> Walked:
    """Tell whether every pixel is there."""
    (offset,) = struct.unpack_from("<I", body, 10)
    header = read_header(body, 14)
    if not header.width or not header.height:
        raise corrupt("BMP of no size")
    start = max(offset, 14 + header.size)
    if not offset or (start == 14 + header.size and header.indexed):
        start = _after_palette(header)
    if start > len(body):
        raise truncated("BMP ends before its pixels")
    end = _pixels_end(body, header, start)
    if end > len(body):
        raise truncated(f"BMP with pixels up to byte {end}, file of {len(body)}")
    _check_profile(body, header)
    known = header.compression in (_RAW, _BITFIELDS) and header.size in _DECODABLE
    return Walked(header.width, header.height, "BMP" if known else None, body)


def _after_palette(header: Header) -> int:
    """Return where pixels begin if the header does not say."""
    palette = header.colours or (1 << header.depth if header.indexed else 0)
    masks = {_BITFIELDS: 12, _ALPHABITFIELDS: 16}.get(header.compression, 0)
    masks = masks if header.size == 40 else 0
    return 14 + header.size + masks + palette * (3 if header.size == 12 else 4)


def _pixels_end(body: bytes, header: Header, start: int) -> int:
    """Return where the pixels end, or would end."""
    if header.compression in (_RLE8, _RLE4):
        return _runs_end(body, header, start)
    if header.compression in (_JPEG, _PNG):
        return start + header.image_size
    if header.compression not in (_RAW, _BITFIELDS, _ALPHABITFIELDS):
        raise corrupt(f"BMP with unknown compression {header.compression}")
    if header.depth not in _DEPTHS:
        raise corrupt(f"BMP of impossible depth {header.depth}")
    return start + header.stride * header.height


def _runs_end(body: bytes, header: Header, at: int) -> int:
    """Walk run-length coded pixels: pairs of count and value, count 0 being an escape."""
    four = header.compression == _RLE4
    while at + 2 <= len(body):
        if body[at]:
            at += 2
            continue
        escape = body[at + 1]
        at += 2
        if escape == 1:
            return at
        if escape == 2:
            at += 2
        elif escape > 2:
            count = (escape + 1) // 2 if four else escape
            at += count + (count & 1)
    raise truncated("BMP without an end of its runs")


def _check_profile(body: bytes, header: Header) -> None:
    """See whether the profile that a version 5 header names is there."""
    if header.size < 124 or body[70:74] not in (b"DEBM", b"KNIL"):
        return
    offset, size = struct.unpack_from("<II", body, 14 + 112)
    if size and 14 + offset + size > len(body):
        raise truncated("BMP ends in its colour profile")
