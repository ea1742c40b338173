"""Is a WebP whole, and what size is it? (RFC 9649, sections 2.3 to 2.7)

The size field of the RIFF header counts from its ninth byte on; all of that must be there, and
the chunks inside must fit. Bytes behind it are allowed, among them the pad byte of an odd size.
"""

from __future__ import annotations

import struct

from imagecrawl.images.facts import Walked, corrupt, truncated


def walk(body: bytes) -> Walked:
    """Walk the chunks inside the RIFF container."""
    (size,) = struct.unpack_from("<I", body, 4)
    end = 8 + size
    if size < 12:
        raise corrupt("WebP with an impossible size")
    if end > len(body):
        raise truncated(f"WebP of {end} bytes has {len(body)}")
    chunks: dict[bytes, int] = {}
    at = 12
    while at + 8 <= end:
        kind, length = struct.unpack_from("<4sI", body, at)
        chunks.setdefault(kind, at + 8)
        at += 8 + length
        if at > end:
            raise corrupt("WebP with a chunk longer than the file")
        at += length & 1
    if not {b"VP8 ", b"VP8L", b"ANMF"} & set(chunks):
        raise corrupt("WebP without image data")
    return Walked(*canvas_size(body, chunks), "WEBP", _padded(body, end))


def _padded(body: bytes, end: int) -> bytes:
    """Return the file with the pad byte that an odd size lacks: libwebp insists on it."""
    if end & 1:
        return body[:4] + struct.pack("<I", end - 7) + body[8:end] + b"\x00"
    return body[:end]


def canvas_size(body: bytes, chunks: dict[bytes, int]) -> tuple[int, int]:
    """Return the canvas size, from the first of the headers there is."""
    if b"VP8X" in chunks:
        at = chunks[b"VP8X"] + 4
        width, height = body[at : at + 3], body[at + 3 : at + 6]
        return int.from_bytes(width, "little") + 1, int.from_bytes(height, "little") + 1
    if b"VP8L" in chunks:
        mark, bits = struct.unpack_from("<BI", body, chunks[b"VP8L"])
        if mark != 0x2F:
            raise corrupt("WebP with a bad lossless header")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if b"VP8 " not in chunks:
        raise corrupt("WebP animation without a header")
    mark, wide, high = struct.unpack_from("<3sHH", body, chunks[b"VP8 "] + 3)
    if mark != b"\x9d\x01\x2a" or not wide & 0x3FFF or not high & 0x3FFF:
        raise corrupt("WebP with a bad lossy header")
    return wide & 0x3FFF, high & 0x3FFF
