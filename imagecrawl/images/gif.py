"""Is a GIF whole, and what size is it? (GIF89a specification)

The blocks are walked to the trailer 0x3B (section 27). Bytes behind it are allowed; NULs
between blocks, which some writers leave, are too. Where something unknown stands between
blocks after a first image, decoders go on to the trailer, and so does this one.

A file that lacks nothing but its trailer is ``truncated``: it cannot be told from an animation
cut between two frames.
"""

from __future__ import annotations

import re
import struct

from imagecrawl.images.facts import Walked, corrupt, truncated

_NULS = re.compile(rb"\x00+")
EXTENSION, IMAGE, _TRAILER = 0x21, 0x2C, 0x3B


def walk(body: bytes) -> Walked:
    """Walk *body* block by block."""
    width, height, packed = struct.unpack_from("<HHB", body, 6)
    at = 13 + table_size(packed)
    images = 0
    while True:
        if at >= len(body):
            raise truncated("GIF without a trailer")
        block = body[at]
        if block == _TRAILER:
            break
        if block == EXTENSION:
            at = sub_blocks_end(body, at + 2)
        elif block == IMAGE:
            left, top, wide, high, packed = struct.unpack_from("<HHHHB", body, at + 1)
            if not images:
                width, height = max(width, left + wide), max(height, top + high)
            images += 1
            at = sub_blocks_end(body, at + 11 + table_size(packed))
        else:
            at = _skip_unknown(body, at, images)
    if not images:
        raise corrupt("GIF without an image")
    if not width or not height:
        raise corrupt("GIF of no size")
    return Walked(width, height, "GIF", body)


def table_size(packed: int) -> int:
    """Return the length of a colour table (18 and 20: packed fields)."""
    return 3 << ((packed & 7) + 1) if packed & 0x80 else 0


def sub_blocks_end(body: bytes, at: int) -> int:
    """Return where a chain of data sub-blocks ends (15 and 16)."""
    try:
        while body[at]:
            at += body[at] + 1
    except IndexError:
        raise truncated("GIF ends in a block") from None
    return at + 1


def _skip_unknown(body: bytes, at: int, images: int) -> int:
    nuls = _NULS.match(body, at)
    if nuls:
        return nuls.end()
    if not images:
        raise corrupt("GIF with an unknown block")
    end = body.find(b";", at)
    return end if end >= 0 else len(body)
