"""Are the other files of the wild accepted, and bombs not decoded?"""

from __future__ import annotations

import struct
import tracemalloc

import pytest
from PIL import Image

from imagecrawl.images.inspect import BadImage, Decode, inspect_image

from .samples import SIZE, bmp, box, chunk, info, png_of_zeros, saved


def png_with(part: bytes) -> bytes:
    body = saved("PNG")
    return body[:33] + part + body[33:]


@pytest.mark.parametrize(
    "body",
    [
        png_with(chunk(b"tEXt", b"Comment\0x", crc=1)),
        png_with(chunk(b"zTXt", b"Comment\0\0not deflated")),
        png_with(chunk(b"iCCP", b"broken\0\0no")),
        png_with(chunk(b"acTL", bytes(8))),
        png_with(chunk(b"eXIf", b"nonsense")),
        saved("GIF", "P")[:-1] + b"\0\0\0;",
        saved("GIF", "P")[:-1] + b"??;",
        saved("GIF", "P")[:6] + b"\0\0\0\0" + saved("GIF", "P")[10:],
        saved("GIF", "P").replace(b"GIF87a", b"GIF89a"),
        saved("BMP")[:2] + bytes(4) + saved("BMP")[6:],
        saved("BMP")[:2] + b"\xff\xff\xff\x7f" + saved("BMP")[6:],
        saved("AVIF") + box(b"free", b"x"),
        saved("TIFF", "RGB", compression="tiff_lzw", tiffinfo={270: "a description " * 9}),
    ],
)
def test_oddities_are_accepted(body: bytes) -> None:
    facts = inspect_image(body)
    assert (facts.width, facts.height, facts.decoded) == (*SIZE, True)


def test_a_riff_size_without_the_pad_byte() -> None:
    bodies = (saved("WEBP", size=(side, side), lossless=True) for side in range(8, 80))
    body = next(body for body in bodies if body[16] & 1)  # a chunk of an odd size
    shorter = body[:4] + struct.pack("<I", len(body) - 9) + body[8:]
    assert inspect_image(shorter).decoded
    assert inspect_image(shorter[:-1]).decoded
    with pytest.raises(BadImage, match="truncated"):
        inspect_image(shorter[:-2])


def test_an_image_data_box_that_goes_on_to_the_end() -> None:
    body = saved("AVIF")
    at = body.index(b"mdat") - 4
    open_end = body[:at] + bytes(4) + body[at + 4 :]
    assert inspect_image(open_end).decoded
    with pytest.raises(BadImage, match="image data up to byte"):
        inspect_image(open_end[:-1])


def test_a_64_bit_box() -> None:
    body = saved("AVIF")
    head, _, data = body.rpartition(b"mdat")
    large = head[:-4] + struct.pack(">I4sQ", 1, b"mdat", len(data) + 16) + data
    assert inspect_image(large, decode=Decode.NONE).width == SIZE[0]
    with pytest.raises(BadImage, match="ends in a box mdat"):
        inspect_image(large[:-1], decode=Decode.NONE)


@pytest.mark.parametrize(
    "body",
    [
        bmp(info(32, 3), struct.pack("<III", 0xF00, 0xF0, 0xF), bytes(48)),
        bmp(info(2), bytes(16), bytes(12)),
        bmp(info(8, 0, (4, 3), 300), bytes(1200), bytes(12)),
        bmp(struct.pack("<iiHH", 4, 3, 1, 24), b"", bytes(36)),
    ],
    ids=["masks", "2 bits", "300 colours", "OS/2 header of 16 bytes"],
)
def test_bitmaps_the_decoder_lacks_are_accepted_on_their_structure(body: bytes) -> None:
    facts = inspect_image(body)
    assert (facts.width, facts.height, facts.decoded) == (4, 3, False)
    with pytest.raises(BadImage):
        inspect_image(body[:-1])


def test_an_embedded_profile_of_a_bitmap_must_be_there() -> None:
    header = info(24) + bytes(16) + b"DEBM" + bytes(48) + struct.pack("<IIII", 4, 160, 9, 0)
    body = bmp(header, b"", bytes(36) + b"a profile")
    assert inspect_image(body).decoded
    with pytest.raises(BadImage, match="profile"):
        inspect_image(body[:-1])


def test_an_icon_whose_directory_is_wrong_about_the_size() -> None:
    body = bytearray(saved("ICO", "RGBA", (32, 32), sizes=[(32, 32)]))
    body[6:8] = b"\x10\x10"
    facts = inspect_image(bytes(body))
    assert (facts.width, facts.height, facts.decoded) == (32, 32, True)


@pytest.mark.parametrize("size", [(30_000, 30_000), (89_478_486, 1)])
def test_a_bomb_is_measured_and_not_decoded(size: tuple[int, int]) -> None:
    body = png_of_zeros(*size)
    tracemalloc.start()
    facts = inspect_image(body)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (facts.width, facts.height, facts.decoded) == (*size, False)
    assert peak < 10 * len(body) + 1_000_000


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "TIFF", "ICO"])
def test_the_limit_is_on_pixels(kind: str) -> None:
    body = saved(kind, size=(32, 32))
    assert inspect_image(body, max_pixels=1024).decoded
    assert not inspect_image(body, max_pixels=1023).decoded


def test_a_higher_limit_than_that_of_pillow_does_not_warn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    for kind in ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "TIFF", "ICO"):
        assert inspect_image(saved(kind, size=(32, 32)), max_pixels=10**9).width == 32


def test_a_first_frame_larger_than_the_screen_of_a_gif() -> None:
    body = saved("GIF", "P")
    small = body[:6] + struct.pack("<HH", 2, 2) + body[10:]
    assert inspect_image(small).width == SIZE[0]
