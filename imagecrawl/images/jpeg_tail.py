"""Is what follows the first image of a JPEG whole, where it says what it should be?

Behind EOI there may be anything: padding, a vendor's trailer. Two kinds of tail say how long
they are, and are held to it:

* further images of a Multi-Picture file (CIPA DC-007, 5.2): the MP index in APP2 has their
  offsets and sizes (stereo pairs, gain maps of Ultra HDR);
* the MP4 of a Motion Photo, right behind EOI: boxes with sizes (ISO/IEC 14496-12, 4.2).

A file whose tail is gone from its first byte on (or, for the MP4, within its first 8 bytes)
is taken for whole: services that rewrite a JPEG drop the tail and leave the index, and what
is there is a complete picture.
"""

from __future__ import annotations

import struct

from imagecrawl.images.facts import truncated

_MP_ENTRIES = 0xB002
_MP4_BOXES = frozenset(
    {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"uuid", b"meta", b"moof", b"mfra"}
)


def check_tail(body: bytes, end: int, mpf: int) -> None:
    """Raise `BadImage` where the tail behind *end* is cut; *mpf* is where the MP index is."""
    if end == len(body):
        return
    if mpf:
        try:
            pictures = _mp_pictures(body[mpf : mpf + 0xFFFF])
        except struct.error:
            pictures = []
        for offset, size in pictures:
            _check_picture(body, end, mpf + offset, size)
    if body[end + 4 : end + 8] == b"ftyp":
        _check_movie(body, end)


def _mp_pictures(index: bytes) -> list[tuple[int, int]]:
    """Return offset and size of the further images in an MP index."""
    order = "<" if index[:2] == b"II" else ">"
    (ifd,) = struct.unpack_from(order + "I", index, 4)
    (count,) = struct.unpack_from(order + "H", index, ifd)
    for at in range(ifd + 2, ifd + 2 + 12 * count, 12):
        tag, _, size, offset = struct.unpack_from(order + "HHII", index, at)
        if tag == _MP_ENTRIES:
            entries = struct.iter_unpack(order + "IIIHH", index[offset : offset + size // 16 * 16])
            return [(start, length) for _, length, start, _, _ in entries if start]
    return []


def _check_picture(body: bytes, end: int, start: int, size: int) -> None:
    head = body[start : start + 2]
    if start >= end and head and b"\xff\xd8".startswith(head) and start + size > len(body):
        raise truncated("JPEG ends in a further picture")


def _check_movie(body: bytes, at: int) -> None:
    seen: set[bytes] = set()
    while at + 8 <= len(body):
        size, kind = struct.unpack_from(">I4s", body, at)
        if size == 1 and at + 16 <= len(body):
            (size,) = struct.unpack_from(">Q", body, at + 8)
        if kind not in _MP4_BOXES or size < 8:
            return  # a vendor's trailer, or a film that goes on to the end
        if at + size > len(body):
            raise truncated("JPEG ends in its motion picture")
        seen.add(kind)
        at += size
    if not {b"moov", b"mdat"} <= seen:
        raise truncated("JPEG ends in its motion picture")
