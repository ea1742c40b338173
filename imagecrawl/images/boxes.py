"""Which boxes has an ISO base media file, and are they all there? (ISO/IEC 14496-12, 4.2)

A box has a 32-bit size, a type, and where the size is 1 a 64-bit size; size 0 means up to the
end of the file. Garbage behind the last box is allowed, where it does not look like a box. So a
cut within the first bytes, NULs, of the size field of a further box is not seen here: whether
all that the boxes point to is there is a question for `heif`, `jxl` and `jp2`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from imagecrawl.images.facts import corrupt, truncated

_TOP_KINDS = frozenset(
    b"ftyp styp meta moov mdat moof mfra sidx free skip wide uuid pdin idat jumb Exif "
    b"jxlc jxlp jxll jxli jbrd brob jp2h jp2c jp2i uinf".split()
) | {b"JXL ", b"jP  ", b"xml "}


class Box(NamedTuple):
    """A box: its type, where its payload begins and where it ends."""

    kind: bytes
    start: int
    end: int


def top_boxes(body: bytes) -> list[Box]:
    """Return the boxes of the file; raise `BadImage` where the last one is cut."""
    found: list[Box] = []
    at = 0
    while at < len(body):
        rest = len(body) - at
        if rest < 8:
            if body[at] == 0 and body[at:].strip(b"\x00"):
                raise truncated("ends in the header of a box")
            break
        box = read_box(body, at, len(body))
        if box is not None and box.end > len(body) and box.kind in _TOP_KINDS:
            raise truncated(f"ends in a box {box.kind.decode('latin-1')}")
        if box is None or box.end > len(body):
            if len(found) < 2:
                raise corrupt("something that is no box")
            break  # trailing garbage
        found.append(box)
        at = box.end
    return found


def leading_boxes(prefix: bytes) -> Iterator[Box]:
    """Yield the boxes that begin in *prefix*, the first bytes of a file.

    The last of them may end behind it; one that goes on to the end of the file always does.
    """
    at = 0
    while at + 16 <= len(prefix):
        box = read_box(prefix, at, len(prefix) + 1)
        if box is None:
            break
        yield box
        at = box.end


def inner_boxes(body: bytes, start: int, end: int) -> list[Box]:
    """Return the boxes inside a box."""
    found: list[Box] = []
    while start + 8 <= end:
        box = read_box(body, start, end)
        if box is None or box.end > end:
            raise corrupt("a box that is longer than the one around it")
        found.append(box)
        start = box.end
    return found


def first(boxes: list[Box], kind: bytes) -> Box | None:
    """Return the first of *boxes* that is of this kind."""
    return next((box for box in boxes if box.kind == kind), None)


def read_box(body: bytes, at: int, end: int) -> Box | None:
    """Read the header of the box at *at*; *end* is that of a box of size 0. None: no box."""
    size, kind = struct.unpack_from(">I4s", body, at)
    start = at + 8
    if not all(0x20 <= byte < 0x7F or byte == 0xA9 for byte in kind):
        return None
    if size == 1:
        (size,) = struct.unpack_from(">Q", body, at + 8)
        start = at + 16
    elif size == 0:
        size = end - at
    return Box(kind, start, at + size) if at + size >= start else None
