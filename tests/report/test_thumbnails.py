"""Thumbnails of files that may be anything."""

from __future__ import annotations

import io
import math
import struct
import zlib
from array import array
from pathlib import Path

import pytest
from PIL import Image

from imagecrawl.report.thumbnails import thumbnail
from tests.report.made import picture

KINDS = ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF"]


def made(tmp_path: Path, body: bytes, kind: str, side: int = 40) -> Image.Image | None:
    file = tmp_path / "file"
    file.write_bytes(body)
    small = thumbnail(file, kind, side)
    if small is None:
        return None
    data, width, height = small
    image = Image.open(io.BytesIO(data))
    assert image.size == (width, height)
    assert max(image.size) <= side
    return image


@pytest.mark.parametrize("kind", KINDS)
def test_each_format(tmp_path: Path, kind: str) -> None:
    image = made(tmp_path, picture(1, 160, kind), kind)
    assert image is not None
    assert image.size == (40, 30)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_each_mode(tmp_path: Path, mode: str) -> None:
    out = io.BytesIO()
    image = Image.new("RGBA" if mode == "P" else mode, (90, 60))
    kind = "TIFF" if mode == "CMYK" else "PNG"
    (image.convert("P") if mode == "P" else image).save(out, kind)
    small = made(tmp_path, out.getvalue(), kind)
    assert small is not None
    assert small.size == (40, 27)


@pytest.mark.parametrize("scale", [1, 16], ids=["12 bits", "16 bits"])
@pytest.mark.parametrize(
    ("mode", "kind"), [("I;16", "PNG"), ("I;16", "TIFF"), ("I", "TIFF"), ("F", "TIFF")]
)
def test_more_than_8_bits_are_visible(tmp_path: Path, mode: str, kind: str, scale: int) -> None:
    values = [(x * 64 + 10) * scale for _ in range(48) for x in range(64)]
    if mode == "F":
        values[70] = math.nan  # where a map has no data
    code = {"I;16": "H", "I": "i", "F": "f"}[mode]
    out = io.BytesIO()
    Image.frombytes(mode, (64, 48), array(code, values).tobytes()).save(out, kind)
    small = made(tmp_path, out.getvalue(), kind, 32)
    assert small is not None
    left, middle, right = (small.convert("L").getpixel((x, 20)) for x in (0, 16, 31))
    assert left < 12 and 118 < middle < 140 and right > 243


def test_one_shade_of_16_bits_keeps_its_shade(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("I;16", (100, 100), 32_896).save(out, "PNG")
    small = made(tmp_path, out.getvalue(), "PNG")
    assert small is not None
    assert 120 < small.convert("L").getpixel((9, 9)) < 136


def test_a_palette_with_transparency_stays_transparent(tmp_path: Path) -> None:
    image = Image.new("P", (50, 50), 0)
    out = io.BytesIO()
    image.save(out, "PNG", transparency=bytes([0, 255]))
    small = made(tmp_path, out.getvalue(), "PNG")
    assert small is not None
    assert small.mode == "RGBA"


def test_a_picture_on_its_side_is_put_up(tmp_path: Path) -> None:
    image = Image.new("RGB", (80, 40))
    exif = image.getexif()
    exif[0x0112] = 6
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    small = made(tmp_path, out.getvalue(), "JPEG")
    assert small is not None
    assert small.size == (20, 40)
    assert not small.getexif()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("kept", [0, 20, 150])
def test_what_is_cut_has_none(tmp_path: Path, kind: str, kept: int) -> None:
    assert made(tmp_path, picture(1, 160, kind)[:kept], kind) is None


def test_what_calls_itself_something_else_has_none(tmp_path: Path) -> None:
    assert made(tmp_path, picture(1), "PNG") is None
    assert made(tmp_path, b'<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG") is None
    assert made(tmp_path, picture(1), "") is None
    assert thumbnail(tmp_path / "no such file", "JPEG", 40) is None
    assert thumbnail(tmp_path, "JPEG", 40) is None


def test_a_bomb_is_not_lit(tmp_path: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1_000_000))
    body = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels)
    assert made(tmp_path, body + chunk(b"IEND", b""), "PNG") is None
