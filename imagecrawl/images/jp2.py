"""Is a JPEG 2000 whole, and what size is it? (ITU-T T.800, Annexes A and I)

The main header is walked to the first tile-part, the tile-parts by the length in their SOT
segments (A.4.2), and EOC must follow (A.4.4). A tile-part of length 0 goes on to the EOC at the
end of the codestream.
"""

from __future__ import annotations

import struct

from imagecrawl.images.boxes import first, top_boxes
from imagecrawl.images.facts import Walked, corrupt, truncated

SOC, _SOT, _EOC, _SIZ = b"\xff\x4f", b"\xff\x90", b"\xff\xd9", b"\xff\x51"


def walk(body: bytes) -> Walked:
    """Walk a JP2 file or a bare codestream."""
    start, end = 0, len(body)
    if body[:2] != SOC:
        box = first(top_boxes(body), b"jp2c")
        if box is None:
            raise truncated("JPEG 2000 without a codestream")
        start, end = box.start, box.end
    size = read_size(body, start)
    _walk_stream(body, start + 2, end)
    return Walked(*size)


def read_size(body: bytes, start: int) -> tuple[int, int]:
    """Read the size of the codestream at *start* (A.5.1)."""
    if body[start : start + 4] != SOC + _SIZ:
        raise corrupt("JPEG 2000 with a bad codestream")
    wide, high, left, top = struct.unpack_from(">IIII", body, start + 8)
    if wide <= left or high <= top:
        raise corrupt("JPEG 2000 of no size")
    return wide - left, high - top


def _walk_stream(body: bytes, at: int, end: int) -> None:
    parts = 0
    while True:
        marker = body[at : at + 2]
        if at + 2 > end:
            raise truncated("JPEG 2000 without an end of codestream")
        if marker == _EOC:
            break
        if marker[0] != 0xFF:
            raise corrupt("JPEG 2000 with something that is no marker")
        (length,) = struct.unpack_from(">H", body, at + 2)
        if marker == _SOT:
            parts += 1
            (length,) = struct.unpack_from(">I", body, at + 6)
            if not length:
                at = _last_eoc(body, at, end)
                continue
            length -= 2
        if length < 2:
            raise corrupt("JPEG 2000 segment of an impossible length")
        at += 2 + length
    if not parts:
        raise corrupt("JPEG 2000 without a picture")


def _last_eoc(body: bytes, at: int, end: int) -> int:
    """Return where EOC is that ends the codestream, but for padding."""
    tail = body[max(at, end - 16) : end].rstrip(b"\x00")
    if not tail.endswith(_EOC):
        raise truncated("JPEG 2000 without an end of codestream")
    return body.rfind(_EOC, at, end)
