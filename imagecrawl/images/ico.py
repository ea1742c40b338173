"""Is an icon or cursor whole, and what size is it? (Microsoft: Icons in Win32; ICO format)

Every entry of the directory must lie within the file; the entry of the largest picture, a PNG
or a bitmap without file header and of twice the height, is the one that is looked at. The sizes
in the directory, of the picture and of its bytes, are often wrong; those in the entries count.
"""

from __future__ import annotations

import struct

from imagecrawl.images import bmp, png
from imagecrawl.images.facts import BadImage, Walked, corrupt, truncated

_HEADER = 40
"""More bytes of a picture than its size is read from."""


def walk(body: bytes) -> Walked:
    """Walk the directory."""
    entries = _directory(body)
    for size, offset in entries:
        if offset + size > len(body):
            raise truncated("icon ends in a picture")
    largest, at, size = _largest(body, entries)
    return _entry(body, at, size, largest)


def largest_picture(prefix: bytes) -> tuple[tuple[int, int], int]:
    """Return the size of the largest picture, and where it begins.

    Raise `BadImage` where the header of a picture may lie behind *prefix*.
    """
    entries = _directory(prefix)
    if any(offset + _HEADER > len(prefix) for _, offset in entries):
        raise truncated("icon ends before a picture")
    return _largest(prefix, entries)[:2]


def _directory(body: bytes) -> list[tuple[int, int]]:
    """Return size and offset of every entry."""
    (count,) = struct.unpack_from("<H", body, 4)
    if not count:
        raise corrupt("icon without a picture")
    end = 6 + 16 * count
    if end > len(body):
        raise truncated("icon ends in its directory")
    return [struct.unpack_from("<II", body, at + 8) for at in range(6, end, 16)]


def _largest(body: bytes, entries: list[tuple[int, int]]) -> tuple[tuple[int, int], int, int]:
    """Return width and height, offset and length of the largest picture."""
    end = 6 + 16 * len(entries)
    usable = {(offset, size) for size, offset in entries if size and offset >= end}
    if not usable:
        raise corrupt("icon with an impossible directory")
    sizes = {_dimensions(body, offset): (offset, size) for offset, size in sorted(usable)}
    largest = max(sizes, key=lambda size: size[0] * size[1])
    if 0 in largest:
        raise corrupt("icon of no size")
    return largest, *sizes[largest]


def _dimensions(body: bytes, at: int) -> tuple[int, int]:
    """Return the size of the picture at *at*; nothing by nothing if it is neither kind."""
    if body.startswith(png.SIGNATURE, at) and len(body) >= at + 24:
        width, height = struct.unpack_from(">II", body, at + 16)
        return width, height
    try:
        header = bmp.read_header(body, at)
    except struct.error:
        return 0, 0
    return (header.width, header.height // 2) if header.size in (12, 40, 108, 124) else (0, 0)


def _entry(body: bytes, at: int, size: int, largest: tuple[int, int]) -> Walked:
    """Look at one picture; a bitmap becomes an icon of its own, for the decoder."""
    if body.startswith(png.SIGNATURE, at):
        try:
            return png.walk(body[at:])
        except BadImage as error:
            raise corrupt(f"icon with a bad picture: {error.detail}") from None
    header = bmp.read_header(body, at)
    palette = 4 * (header.colours or 1 << header.depth) if header.indexed else 0
    if header.compression in (0, 3):
        size = max(size, header.size + palette + header.stride * (header.height // 2))
    if at + size > len(body):
        raise corrupt("icon with a picture that is not all there")
    directory = struct.pack("<HHH", 0, 1, 1)
    sides = largest[0] & 255, largest[1] & 255
    directory += struct.pack("<BBBBHHII", *sides, 0, 0, 1, header.depth, size, 22)
    return Walked(*largest, "ICO", directory + body[at : at + size])
