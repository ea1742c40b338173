"""Is a JPEG whole, and what size is it? (ITU-T T.81, Annex B)

The markers are walked from SOI to EOI. Behind a start of scan the next marker is searched
for: in entropy-coded data 0xFF is followed by a stuffed 0x00 (B.1.1.5) or a restart marker,
so that a whole scan is one search. Fill bytes, 0xFF before a marker (B.1.1.2), and stray bytes
between segments fall out of the same search, as they do in libjpeg. Thumbnails are inside
APPn segments, which are skipped by their length, so that their EOI is never taken for ours.

Between the markers that may follow a scan, a decoder has next to nothing to find: of 300 files
damaged in the middle of their scans Pillow refused only those in which a marker had come up
where none belongs. Such a file is decoded whole; of the others a sample will do, which tells
whether their tables can be used at all.

A file that lacks EOI only cannot be told from one that lost its last bytes: ``truncated``.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field

from imagecrawl.images.facts import Walked, corrupt, truncated
from imagecrawl.images.jpeg_tail import check_tail

MARKER = re.compile(rb"\xff([\xc0-\xcf\xd8-\xfe])")
SOI, EOI, SOS, _DNL, _APP2 = 0xD8, 0xD9, 0xDA, 0xDC, 0xE2
FRAMES = frozenset(set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC} | {0xF7})
_DECODABLE_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_AFTER_SCAN = {0xC0: {EOI}, 0xC1: {EOI}, 0xC2: {EOI, SOS, 0xC4}}
"""What follows a scan in nearly every file of such a frame."""
_UNUSUAL = re.compile(rb"\xff[\x01-\xbf\xd0-\xd7]")
"""Restart markers, and what is no marker at all: in most scans there is neither."""
_SAMPLE_BYTES = 4096
_DROPPED = frozenset(set(range(0xE1, 0xEE)) | {0xEF, 0xFE})
"""Exif, XMP, profiles, comments. APP0 and APP14 stay: they say what the colours mean."""


@dataclass(slots=True)
class _State:
    frame: int = 0
    precision: int = 0
    width: int = 0
    height: int = 0
    components: int = 0
    frames: int = 0
    scans: int = 0
    mpf: int = 0
    scan: int = 0
    """Where the data of the first scan begin."""
    doubtful: bool = False
    kept: list[tuple[int, int]] = field(default_factory=list)


def walk(body: bytes) -> Walked:
    """Walk *body* to the end of its first image, and look at what is behind it."""
    state = _State()
    at = keep = 2
    while True:
        found = MARKER.search(body, at)
        if found is None:
            raise truncated("JPEG without an end of image marker")
        marker, begin, at = body[found.end() - 1], found.start(), found.end()
        if state.scans and marker not in _AFTER_SCAN.get(state.frame, ()):
            state.doubtful = True
        if marker == EOI:
            break
        if marker == SOI:
            raise corrupt("JPEG with a second start inside")
        at = segment_end(body, at)
        keep = begin if keep < 0 else keep
        if marker in _DROPPED:
            state.kept.append((keep, begin))
            keep = -1  # stray bytes behind go with it
        if marker != 0xC4:
            _note(body, state, marker, found.end(), at)
    state.kept.append((begin if keep < 0 else keep, at))
    check_tail(body, at, state.mpf)
    # Something behind the end: it may be the rest of a file whose middle holds a false EOI.
    state.doubtful |= bool(body[at:].strip(b"\0\xff \r\n"))
    return _result(body, state)


def segment_end(body: bytes, at: int) -> int:
    """Return where the segment ends whose length field is at *at* (B.1.1.4)."""
    (length,) = struct.unpack_from(">H", body, at)
    if length < 2:
        raise corrupt("JPEG segment of an impossible length")
    end: int = at + length
    if end > len(body):
        raise truncated("JPEG ends in a segment")
    return end


def _note(body: bytes, state: _State, marker: int, at: int, end: int) -> None:
    """Take from a segment what matters."""
    if marker == SOS:
        if not state.frames:
            raise corrupt("JPEG scan without a frame")
        state.scans += 1
        state.scan = state.scan or end
    elif marker in FRAMES:
        state.frames += 1
        if state.frames == 1 and end - at >= 8:
            state.frame = marker
            state.precision, state.height, state.width, state.components = struct.unpack_from(
                ">BHHB", body, at + 2
            )
    elif marker == _DNL and not state.height and end - at >= 4:
        (state.height,) = struct.unpack_from(">H", body, at + 2)
        state.frame = 0  # libjpeg does not know DNL
    elif marker == _APP2 and body[at + 2 : at + 6] == b"MPF\x00":
        state.mpf = at + 6


def _result(body: bytes, state: _State) -> Walked:
    if not state.scans:
        raise corrupt("JPEG without a picture")
    if not state.width or not state.height:
        raise corrupt("JPEG of no size")
    known = (
        state.frame in _DECODABLE_FRAMES
        and state.frames == 1
        and state.precision == 8
        and state.components in (1, 3, 4)
    )
    if not known:
        return Walked(state.width, state.height)
    pixels = body[:2] + b"".join([body[begin:end] for begin, end in state.kept])
    return Walked(state.width, state.height, "JPEG", pixels, _sample(body, state))


def _sample(body: bytes, state: _State) -> bytes | None:
    """Return the tables and the beginning of the first scan, closed by an EOI."""
    if state.doubtful or _UNUSUAL.search(body, state.scan):
        return None
    cut = state.scan + _SAMPLE_BYTES
    parts = [body[begin : min(end, cut)] for begin, end in state.kept if begin < cut]
    return body[:2] + b"".join(parts) + b"\xff\xd9"
