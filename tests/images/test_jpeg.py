"""Are the JPEGs of the wild accepted?"""

from __future__ import annotations

import struct

import pytest

from imagecrawl.images.inspect import BadImage, inspect_image

from .samples import SIZE, saved, segment, ultra_hdr, with_segment

BODY = saved("JPEG")
EXIF = b"Exif\0\0II*\0\x08\0\0\0"


def exchanged(old: bytes, new: bytes) -> bytes:
    assert old in BODY
    return BODY.replace(old, new, 1)


FRAME = BODY.index(b"\xff\xc0")


@pytest.mark.parametrize(
    "body",
    [
        with_segment(BODY, segment(0xE1, EXIF + BODY)),
        with_segment(BODY, segment(0xE1, EXIF + b"\xff" * 99)),
        with_segment(BODY, segment(0xE1, EXIF) + b"\0" * 16),
        with_segment(BODY, segment(0xED, b"Photoshop 3.0\0" + BODY)),
        with_segment(BODY, segment(0xE2, b"ICC_PROFILE\0\1\2broken")),
        with_segment(BODY, segment(0xE2, b"MPF\0nonsense")),
        with_segment(BODY, segment(0xFE, b"\xff\xd9")),
        with_segment(BODY, segment(0xE5, b"")),
        with_segment(BODY, b"\xff\xff\xff"),
        exchanged(b"\xff\xdb", b"\xff\xff\xff\xff\xdb"),
        exchanged(b"\xff\xc4", b"\0\0\xff\xc4"),
        BODY[:-2] + b"\xff\xff\xff\xff\xd9",
        BODY[:-2] + b"\0\0\0\xff\xd9",
        BODY[:-2] + segment(0xFE, b"a comment at the end") + b"\xff\xd9",
        BODY + BODY[: len(BODY) // 2],
    ],
)
def test_oddities_are_accepted(body: bytes) -> None:
    facts = inspect_image(body)
    assert (facts.width, facts.height, facts.decoded) == (*SIZE, True)


@pytest.mark.parametrize(
    ("at", "value"),
    [(1, 0xC3), (1, 0xC9), (4, 12)],
    ids=["lossless", "arithmetic", "12 bits"],
)
def test_what_the_decoder_lacks_is_accepted_on_its_structure(at: int, value: int) -> None:
    body = bytearray(BODY)
    body[FRAME + at] = value
    facts = inspect_image(bytes(body))
    assert (facts.width, facts.height, facts.decoded) == (*SIZE, False)


def test_a_height_that_comes_last() -> None:
    body = BODY[: FRAME + 5] + b"\0\0" + BODY[FRAME + 7 : -2]
    body += segment(0xDC, struct.pack(">H", SIZE[1])) + b"\xff\xd9"
    assert inspect_image(body).height == SIZE[1]
    with pytest.raises(BadImage, match="no size"):
        inspect_image(body.replace(b"\xff\xdc", b"\xff\xfe"))


def test_a_further_picture_that_is_gone_altogether_is_not_missed() -> None:
    body = ultra_hdr()
    end = body.index(b"\xff\xd9") + 2
    assert inspect_image(body[:end]).decoded
    assert inspect_image(body[:end] + bytes(20)).decoded
    with pytest.raises(BadImage) as caught:
        inspect_image(body[:-1])
    assert caught.value.reason == "truncated"


def test_colours_survive_the_dropping_of_metadata() -> None:
    assert inspect_image(saved("JPEG", "CMYK", exif=EXIF + bytes(6))).decoded
