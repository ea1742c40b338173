"""Is an AVIF or HEIC whole, and what size is it? (ISO/IEC 23008-12, ISO/IEC 14496-12)

Every top-level box must be there, and so must every byte that an item's location (``iloc``,
14496-12, 8.11.3) or a track's chunk offsets (``stco``, ``co64``, 8.7.5) point to: that catches
a file cut exactly between two boxes. The size is the largest image spatial extent (``ispe``,
23008-12, 6.5.3), which is that of the grid where the picture is made of tiles.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from imagecrawl.images.boxes import Box, first, inner_boxes, top_boxes
from imagecrawl.images.facts import Walked, truncated

_Size = tuple[int | None, int | None]


def walk_avif(body: bytes) -> Walked:
    """Walk an AVIF file, still or sequence."""
    return Walked(*_walk(body), "AVIF", body)


def walk_heic(body: bytes) -> Walked:
    """Walk a HEIC file; there is no decoder for it."""
    return Walked(*_walk(body))


def _walk(body: bytes) -> _Size:
    boxes = top_boxes(body)
    meta, moov = first(boxes, b"meta"), first(boxes, b"moov")
    if meta is None and moov is None:
        raise truncated("neither a meta nor a moov box")
    size: _Size = (None, None)
    needed = 0
    if meta is not None:
        inner = inner_boxes(body, meta.start + 4, meta.end)
        iloc = first(inner, b"iloc")
        if iloc is None and moov is None:
            raise truncated("a meta box without item locations")
        needed = _items_end(body, iloc, first(inner, b"idat"))
        size = largest_extent(body, first(inner, b"iprp"))
    if moov is not None:
        needed = max(needed, _chunks_end(body, moov))
    if needed > len(body):
        raise truncated(f"image data up to byte {needed}, file of {len(body)}")
    return size


def _items_end(body: bytes, iloc: Box | None, idat: Box | None) -> int:
    """Return where the furthest item ends that lies in the file or in ``idat``.

    An item of method 2 lies in another item.
    """
    if iloc is None:
        return 0
    origins = {0: 0, 1: idat.start if idat else len(body)}
    ends = [
        origins[method] + start + length
        for method, start, length in _extents(body, iloc)
        if method in origins
    ]
    return max(ends, default=0)


def _extents(body: bytes, iloc: Box) -> Iterator[tuple[int, int, int]]:
    """Yield construction method, offset and length of every extent of every item."""
    version, sizes, more = struct.unpack_from(">B3xBB", body, iloc.start)
    offset_size, length_size, base_size = sizes >> 4, sizes & 15, more >> 4
    newer = version in (1, 2)
    index_size = more & 15 if newer else 0
    step = index_size + offset_size + length_size
    wide = 4 if version == 2 else 2
    at = iloc.start + 6 + wide
    for _ in range(_number(body, at - wide, wide)):
        at += wide  # the item's number
        method = _number(body, at, 2) & 15 if newer else 0
        at += 4 if newer else 2
        base = _number(body, at, base_size)
        extents = _number(body, at + base_size, 2)
        at += base_size + 2
        for where in range(at, at + extents * step, step) if step else ():
            offset = _number(body, where + index_size, offset_size)
            length = _number(body, where + index_size + offset_size, length_size)
            yield method, base + offset, length
        at += extents * step


def _number(body: bytes, at: int, size: int) -> int:
    if at + size > len(body):
        raise truncated("ends in the item locations")
    return int.from_bytes(body[at : at + size], "big")


def largest_extent(body: bytes, iprp: Box | None) -> _Size:
    ipco = first(inner_boxes(body, iprp.start, iprp.end), b"ipco") if iprp else None
    if ipco is None:
        return None, None
    sizes: list[tuple[int, int]] = [
        struct.unpack_from(">II", body, box.start + 4)
        for box in inner_boxes(body, ipco.start, ipco.end)
        if box.kind == b"ispe"
    ]
    return max(sizes, key=lambda size: size[0] * size[1], default=(None, None))


def _chunks_end(body: bytes, moov: Box) -> int:
    """Return one past the beginning of the furthest chunk of the tracks."""
    furthest = 0
    level = [moov]
    for kind in (b"trak", b"mdia", b"minf", b"stbl"):
        level = [
            box for outer in level for box in inner_boxes(body, *outer[1:]) if box.kind == kind
        ]
    for table in level:
        for box in inner_boxes(body, table.start, table.end):
            width = {b"stco": 4, b"co64": 8}.get(box.kind)
            if width:
                (count,) = struct.unpack_from(">I", body, box.start + 4)
                letter = "I" if width == 4 else "Q"
                count = min(count, (box.end - box.start - 8) // width)
                offsets = struct.unpack_from(f">{count}{letter}", body, box.start + 8)
                furthest = max(furthest, max(offsets, default=-1) + 1)
    return furthest
