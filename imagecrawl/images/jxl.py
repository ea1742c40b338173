"""Is a JPEG XL whole, and what size is it? (ISO/IEC 18181-1 and 18181-2)

In its container all boxes must be there, and the codestream in ``jxlc`` or up to the last
``jxlp`` (18181-2, 9.9: the index has its highest bit set). A bare codestream says nowhere
short of entropy coding how long it is: one that is cut behind its header is NOT recognised,
and no decoder looks at the pixels either. Only the length the server states can tell.
"""

from __future__ import annotations

import struct

from imagecrawl.images.boxes import top_boxes
from imagecrawl.images.facts import Walked, corrupt, truncated

MARK = b"\xff\x0a"
_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))


def walk(body: bytes) -> Walked:
    """Walk a JPEG XL file, in its container or bare."""
    stream = 0 if body[:2] == MARK else _find_stream(body)
    return Walked(*read_size(body, stream))


def read_size(body: bytes, stream: int) -> tuple[int, int]:
    """Read the size of the codestream at *stream*."""
    if body[stream : stream + 2] != MARK:
        raise corrupt("JPEG XL without a codestream")
    if len(body) < stream + 12:
        raise truncated("JPEG XL ends in its header")
    return _dimensions(int.from_bytes(body[stream + 2 : stream + 12], "little"))


def _find_stream(body: bytes) -> int:
    """Return where the codestream begins, once it is known to be all there."""
    begin = -1
    for box in top_boxes(body):
        if box.kind == b"jxlc":
            return box.start
        if box.kind == b"jxlp":
            (index,) = struct.unpack_from(">I", body, box.start)
            begin = box.start + 4 if begin < 0 else begin
            if index & 0x80000000:
                return begin
    raise truncated("JPEG XL without the end of its codestream")


def _dimensions(bits: int) -> tuple[int, int]:
    """Read the SizeHeader (18181-1, D.2), least significant bit first."""
    small, bits = bits & 1, bits >> 1
    height, bits = _side(bits, small)
    ratio, bits = bits & 7, bits >> 3
    if ratio:
        numerator, denominator = _RATIOS[ratio - 1]
        return height * numerator // denominator, height
    return _side(bits, small)[0], height


def _side(bits: int, small: int) -> tuple[int, int]:
    if small:
        return ((bits & 31) + 1) * 8, bits >> 5
    length = (9, 13, 18, 30)[bits & 3]
    bits >>= 2
    return (bits & (1 << length) - 1) + 1, bits >> length
