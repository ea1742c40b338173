"""Is a PNG whole, and what size is it? (W3C PNG, third edition)

The chunks are walked to IEND, each with its CRC (section 5.3). Bytes behind IEND are allowed.
A wrong CRC of an ancillary chunk (lower-case first letter, 5.4) is forgiven, as libpng does:
only the chunks that make the pixels of the (default) image are handed to the decoder. So the
text chunks, profiles and frames of an APNG are checked by their CRC and not decoded.
"""

from __future__ import annotations

import struct
import zlib

from imagecrawl.images.facts import Walked, corrupt, truncated

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PIXEL_CHUNKS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_OPTIONAL_FORMATS = frozenset({b"CgBI"})
"""Apple's ``CgBI`` has a raw deflate stream that no other decoder reads."""


def walk(body: bytes) -> Walked:
    """Walk *body* chunk by chunk."""
    view = memoryview(body)
    at, size, apple, kept, data = 8, (0, 0), False, [SIGNATURE], False
    while True:
        kind, end = read_chunk(body, view, at)
        if kind == b"IHDR":
            if size != (0, 0):
                raise corrupt("PNG with a second IHDR")
            size = read_size(body, at)
        elif kind in _OPTIONAL_FORMATS:
            apple = True
        elif size == (0, 0):
            raise corrupt("PNG whose first chunk is not IHDR")
        data = data or kind == b"IDAT"
        if kind in _PIXEL_CHUNKS:
            kept.append(body[at:end])
        at = end
        if kind == b"IEND":
            break
    if not data:
        raise corrupt("PNG without image data")
    sample = None if apple else _inflates(kept)
    return Walked(*size, None if apple else "PNG", b"".join(kept), sample)


def _inflates(chunks: list[bytes]) -> bytes:
    """Check that the data begin as a zlib stream (10.1); the CRCs vouch for the rest of it."""
    filled = (chunk for chunk in chunks if chunk[4:8] == b"IDAT" and len(chunk) > 12)
    data = next(filled, None)
    if data is None:
        raise corrupt("PNG without image data")
    try:
        zlib.decompressobj().decompress(data[8:-4][:4096], 4096)
    except zlib.error as error:
        raise corrupt(f"PNG with data that do not inflate: {error}") from error
    return b""


def read_chunk(body: bytes, view: memoryview, at: int) -> tuple[bytes, int]:
    """Return type and end of the chunk at *at*."""
    if at + 12 > len(body):
        raise truncated("PNG without an IEND chunk")
    length, kind = struct.unpack_from(">I4s", body, at)
    if not kind.isalpha() or length > 0x7FFFFFFF:
        raise corrupt("PNG with something that is no chunk")
    end: int = at + 12 + length
    if end > len(body):
        raise truncated(f"PNG ends in a chunk {kind.decode()}")
    (crc,) = struct.unpack_from(">I", body, end - 4)
    wrong = zlib.crc32(view[at + 4 : end - 4]) != crc
    if wrong and kind[:1].isupper():
        raise corrupt(f"PNG with a wrong CRC in {kind.decode()}")
    return (b"skip" if wrong else kind), end


def read_size(body: bytes, at: int) -> tuple[int, int]:
    """Return the size in IHDR (11.2.1)."""
    length, _, width, height = struct.unpack_from(">I4sII", body, at)
    if length != 13 or not 0 < width < 1 << 31 or not 0 < height < 1 << 31:
        raise corrupt("PNG with an impossible header")
    return width, height
