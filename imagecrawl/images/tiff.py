"""Is a TIFF whole, and what size is it? (TIFF 6.0; BigTIFF by its designers' note)

All image file directories are walked, the further pages and those below (SubIFDs, Exif, GPS)
as well. Every value that lies outside of its directory (section 2) and every strip, tile and
JPEG stream must be within the file. Not seen: a cut of the padding behind the last of these.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from imagecrawl.images.facts import Walked, corrupt, truncated

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_SIZES |= {16: 8, 17: 8, 18: 8}
_LETTERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
_BELOW = (330, 34665, 34853, 40965)
_DATA = ((273, 279), (324, 325), (513, 514))
"""Tags of offsets and of byte counts: strips, tiles, old-style JPEG."""
_RAW = 1
_DECODABLE = frozenset({_RAW, 2, 3, 4, 5, 7, 8, 32773, 32946})
"""Compressions that every libtiff has; which of the others it has depends on its build."""

_Tags = dict[int, tuple[int, ...]]


@dataclass(slots=True)
class _File:
    body: bytes
    order: str
    big: bool
    seen: set[int] = field(default_factory=set)
    budget: int = 0

    def read(self, letters: str, at: int) -> tuple[int, ...]:
        """Read numbers at *at*."""
        if at < 8 or at + struct.calcsize("=" + letters) > len(self.body):
            raise truncated(f"TIFF points to byte {at}, file of {len(self.body)}")
        return struct.unpack_from(self.order + letters, self.body, at)


def walk(body: bytes) -> Walked:
    """Walk all directories, beginning with that of the first page."""
    file, start = _open(body)
    first: _Tags | None = None
    waiting = [start]
    while waiting:
        at = waiting.pop()
        if not at or at in file.seen:
            continue
        file.seen.add(at)
        tags, following = _directory(file, at)
        first = tags if first is None else first
        waiting += [below for tag in _BELOW for below in tags.get(tag, ())]
        waiting.append(following)
        _check_data(file, tags)
    return _result(body, first or {})


def first_page(prefix: bytes) -> tuple[int, int]:
    """Return the size of the first page; raise `BadImage` where *prefix* does not have it all."""
    tags, _ = _directory(*_open(prefix))
    walked = _result(prefix, tags)
    return walked.width or 0, walked.height or 0


def _open(body: bytes) -> tuple[_File, int]:
    """Return the file, and where the directory of its first page is."""
    order = "<" if body[:2] == b"II" else ">"
    big = b"+" in body[2:4]
    file = _File(body, order, big, budget=4 * len(body) + 1024)
    (start,) = file.read("Q", 8) if big else struct.unpack_from(order + "I", body, 4)
    return file, start


def _directory(file: _File, at: int) -> tuple[_Tags, int]:
    """Return the numbers in the directory at *at*, and where the next one is."""
    (count,) = file.read("Q" if file.big else "H", at)
    at += 8 if file.big else 2
    width = 20 if file.big else 12
    if at + count * width > len(file.body):
        raise truncated("TIFF ends in a directory")
    tags: _Tags = {}
    for entry in range(at, at + count * width, width):
        _entry(file, entry, tags)
    (following,) = file.read("Q" if file.big else "I", at + count * width)
    return tags, following


def _entry(file: _File, at: int, tags: _Tags) -> None:
    """Take the numbers of one entry into *tags*."""
    tag, kind, count = file.read("HHQ" if file.big else "HHI", at)
    size = _SIZES.get(kind, 0) * count
    value = at + (12 if file.big else 8)
    if size > (8 if file.big else 4):
        (value,) = file.read("Q" if file.big else "I", value)
        if value + size > len(file.body):
            raise truncated(f"TIFF ends in the value of tag {tag}")
    file.budget -= size + 16
    if file.budget < 0:
        raise corrupt("TIFF whose directories overlap")
    if kind in _LETTERS and (tag in _BELOW or tag in _NUMBERS):
        tags[tag] = file.read(f"{count}{_LETTERS[kind]}", value) if value >= 8 else ()


_NUMBERS = frozenset({256, 257, 258, 259, 277} | {tag for pair in _DATA for tag in pair})


def _check_data(file: _File, tags: _Tags) -> None:
    """See whether strips, tiles or streams are within the file."""
    for where, lengths in _DATA:
        offsets, counts = tags.get(where, ()), tags.get(lengths, ())
        end = max(map(int.__add__, offsets, counts), default=0)
        if offsets and not counts:
            end = min(offsets) + _raw_size(tags)
        if max(end, *offsets, 0, 0) > len(file.body):
            raise truncated(f"TIFF with data up to byte {end}, file of {len(file.body)}")


def _raw_size(tags: _Tags) -> int:
    """Return how long the pixels of a page are, where they are not compressed."""
    if tags.get(259, (_RAW,)) != (_RAW,):
        return 0
    width, height = (tags.get(tag, (0,))[:1] or (0,) for tag in (256, 257))
    depths = tags.get(258, (1,))
    bits = depths[0] * tags.get(277, (1,))[0] if len(depths) == 1 else sum(depths)
    return (width[0] * bits + 7) // 8 * height[0]


def _result(body: bytes, tags: _Tags) -> Walked:
    width, height = tags.get(256, ()), tags.get(257, ())
    if not width or not height or not width[0] or not height[0]:
        raise corrupt("TIFF of no size")
    if not any(tags.get(where) for where, _ in _DATA):
        raise corrupt("TIFF without image data")
    known = set(tags.get(259, (_RAW,))) <= _DECODABLE
    return Walked(width[0], height[0], "TIFF" if known else None, body)
