"""Small files of every format, made in memory."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

from PIL import Image, features

SIZE = (37, 23)


def picture(mode: str = "RGB", size: tuple[int, int] = SIZE) -> Image.Image:
    """Return a picture with some detail."""
    gradient = Image.linear_gradient("L").resize(size)
    across = gradient.transpose(Image.Transpose.FLIP_LEFT_RIGHT).rotate(90).resize(size)
    merged = Image.merge("RGB", (gradient, across, gradient))
    return merged.convert(mode)


def saved(kind: str, mode: str = "RGB", size: tuple[int, int] = SIZE, **options: Any) -> bytes:
    """Return a picture as a file."""
    file = io.BytesIO()
    picture(mode, size).save(file, kind, **options)
    return file.getvalue()


def frames(count: int = 3) -> list[Image.Image]:
    """Return further frames, all different."""
    return [picture().rotate(40 * (i + 1)) for i in range(count)]


def chunk(kind: bytes, data: bytes, crc: int | None = None) -> bytes:
    """Return a PNG chunk."""
    crc = zlib.crc32(kind + data) if crc is None else crc
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)


def png_of_zeros(width: int, height: int) -> bytes:
    """Return a grey PNG, small however big the picture is."""
    packer = zlib.compressobj(1)
    row = bytes(width + 1)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", data), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def segment(marker: int, data: bytes) -> bytes:
    """Return a JPEG segment."""
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data


def with_segment(body: bytes, part: bytes) -> bytes:
    """Return a JPEG with a part put in behind SOI."""
    return body[:2] + part + body[2:]


def cursor(body: bytes) -> bytes:
    """Return an ICO of one entry as a CUR with a hot spot."""
    return body[:2] + b"\x02" + body[3:10] + struct.pack("<HH", 5, 7) + body[14:]


def bmp(
    header: bytes, palette: bytes, pixels: bytes, *, stated: int = 0, offset: int = -1
) -> bytes:
    """Return a BMP; *header* comes without its size field."""
    start = 14 + 4 + len(header) + len(palette)
    front = struct.pack("<2sIHHI", b"BM", stated, 0, 0, start if offset < 0 else offset)
    return front + struct.pack("<I", len(header) + 4) + header + palette + pixels


def info(
    depth: int, compression: int = 0, size: tuple[int, int] = (4, 3), colours: int = 0
) -> bytes:
    """Return a BITMAPINFOHEADER without its size field."""
    return struct.pack("<iiHHIIiiII", *size, 1, depth, compression, 0, 0, 0, colours, 0)


def big_tiff() -> bytes:
    """Return a BigTIFF of 4 by 3 grey pixels."""
    entries = [(256, 3, 4), (257, 3, 3), (258, 3, 8), (259, 3, 1), (262, 3, 1)]
    entries += [(273, 16, 16), (277, 3, 1), (278, 3, 3), (279, 4, 12)]
    front = struct.pack("<2sHHHQ", b"II", 43, 8, 0, 28) + bytes(range(12))
    body = b"".join(struct.pack("<HHQQ", tag, kind, 1, value) for tag, kind, value in entries)
    return front + struct.pack("<Q", len(entries)) + body + struct.pack("<Q", 0)


def box(kind: bytes, data: bytes) -> bytes:
    """Return an ISO base media box."""
    return struct.pack(">I4s", len(data) + 8, kind) + data


def heic() -> bytes:
    """Return the boxes of a HEIC; there is no encoder here."""
    ispe = box(b"ispe", struct.pack(">III", 0, 64, 48))
    thumb = box(b"ispe", struct.pack(">III", 0, 16, 12))
    iprp = box(b"iprp", box(b"ipco", thumb + ispe))
    front = box(b"ftyp", b"heic\0\0\0\0mif1heic")

    def meta(offset: int) -> bytes:
        where = struct.pack(">IBBHHHHII", 0, 0x44, 0, 1, 1, 0, 1, offset, 50)
        return box(b"meta", bytes(4) + box(b"iloc", where) + iprp)

    offset = len(front) + len(meta(0)) + 8
    return front + meta(offset) + box(b"mdat", bytes(range(50)))


_JXL_MARK = struct.pack(">I", 12) + b"JXL \r\n\x87\n"
_JXL_STREAM = b"\xff\x0a" + (1 | 1 << 1 | 5 << 9).to_bytes(2, "little") + bytes(range(30))


def jxl() -> bytes:
    """Return the boxes of a JPEG XL in two parts; there is no encoder here."""
    parts = box(b"jxlp", struct.pack(">I", 0) + _JXL_STREAM)
    parts += box(b"jxlp", struct.pack(">I", 0x80000001) + bytes(range(20)))
    return _JXL_MARK + box(b"ftyp", b"jxl \0\0\0\0jxl ") + parts


def ultra_hdr() -> bytes:
    """Return a Multi-Picture file."""
    file = io.BytesIO()
    picture().save(file, "MPO", save_all=True, append_images=frames(1))
    return file.getvalue()


def motion_photo() -> bytes:
    """Return a JPEG with a film behind it."""
    return (
        saved("JPEG")
        + box(b"ftyp", b"mp42\0\0\0\0")
        + box(b"moov", bytes(40))
        + box(b"mdat", b"x" * 60)
    )


SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="37" height="23">'
    b'<g id="a"><path d="M0 0"/></g></svg>'
)

_PALETTE = bytes(range(64))
_RUNS = b"\x04\x01\0\0\0\x03\x01\x02\x03\0\x01\x04\0\0\0\x02\x01\0\x03\x05\0\x01"

#: name -> (format, extension, body); their size is SIZE, or else in OTHER_SIZES
SAMPLES: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "jpeg": ("JPEG", "jpg", lambda: saved("JPEG")),
    "jpeg grey": ("JPEG", "jpg", lambda: saved("JPEG", "L")),
    "jpeg cmyk": ("JPEG", "jpg", lambda: saved("JPEG", "CMYK")),
    "jpeg progressive": ("JPEG", "jpg", lambda: saved("JPEG", progressive=True)),
    "jpeg restarts": ("JPEG", "jpg", lambda: saved("JPEG", restart_marker_blocks=1)),
    "jpeg 4:4:4": ("JPEG", "jpg", lambda: saved("JPEG", subsampling=0, quality=100)),
    "jpeg comment": ("JPEG", "jpg", lambda: saved("JPEG", comment=b"x\xff\xd9y")),
    "mpo": ("JPEG", "jpg", ultra_hdr),
    "motion photo": ("JPEG", "jpg", motion_photo),
    "png": ("PNG", "png", lambda: saved("PNG")),
    "png palette": ("PNG", "png", lambda: saved("PNG", "P", transparency=3)),
    "png 1 bit": ("PNG", "png", lambda: saved("PNG", "1")),
    "png 16 bit": ("PNG", "png", lambda: saved("PNG", "I;16")),
    "png alpha": ("PNG", "png", lambda: saved("PNG", "RGBA")),
    "png grey alpha": ("PNG", "png", lambda: saved("PNG", "LA")),
    "apng": ("PNG", "png", lambda: saved("PNG", save_all=True, append_images=frames())),
    "gif": ("GIF", "gif", lambda: saved("GIF", "P")),
    "gif interlaced": ("GIF", "gif", lambda: saved("GIF", "L", interlace=1)),
    "gif animated": ("GIF", "gif", lambda: saved("GIF", save_all=True, append_images=frames())),
    "webp": ("WEBP", "webp", lambda: saved("WEBP")),
    "webp lossless": ("WEBP", "webp", lambda: saved("WEBP", "RGBA", lossless=True)),
    "webp alpha": (
        "WEBP",
        "webp",
        lambda: saved("WEBP", "RGBA", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0"),
    ),
    "webp animated": ("WEBP", "webp", lambda: saved("WEBP", save_all=True, append_images=frames())),
    "bmp": ("BMP", "bmp", lambda: saved("BMP")),
    "bmp palette": ("BMP", "bmp", lambda: saved("BMP", "P")),
    "bmp 1 bit": ("BMP", "bmp", lambda: saved("BMP", "1")),
    "bmp alpha": ("BMP", "bmp", lambda: saved("BMP", "RGBA")),
    "tiff": ("TIFF", "tiff", lambda: saved("TIFF")),
    "tiff lzw": ("TIFF", "tiff", lambda: saved("TIFF", compression="tiff_lzw")),
    "tiff deflate": ("TIFF", "tiff", lambda: saved("TIFF", "L", compression="tiff_adobe_deflate")),
    "tiff jpeg": ("TIFF", "tiff", lambda: saved("TIFF", compression="jpeg")),
    "tiff fax": ("TIFF", "tiff", lambda: saved("TIFF", "1", compression="group4")),
    "tiff big endian": ("TIFF", "tiff", lambda: saved("TIFF", "I;16B")),
    "tiff pages": ("TIFF", "tiff", lambda: saved("TIFF", save_all=True, append_images=frames())),
    "tiff big": ("TIFF", "tiff", lambda: saved("TIFF", big_tiff=True)),
    "ico": ("ICO", "ico", lambda: saved("ICO", "RGBA", (32, 32), sizes=[(16, 16), (32, 32)])),
    "ico bitmap": (
        "ICO",
        "ico",
        lambda: saved("ICO", "RGB", (32, 32), sizes=[(16, 16)], bitmap_format="bmp"),
    ),
    "cur": ("ICO", "cur", lambda: cursor(saved("ICO", "RGBA", (16, 16), sizes=[(16, 16)]))),
    "cur bitmap": (
        "ICO",
        "cur",
        lambda: cursor(saved("ICO", "RGBA", (16, 16), sizes=[(16, 16)], bitmap_format="bmp")),
    ),
    "svg": ("SVG", "svg", lambda: SVG),
    "bmp run length": ("BMP", "bmp", lambda: bmp(info(8, 1, (4, 4), 16), _PALETTE, _RUNS)),
    "bmp no sizes": ("BMP", "bmp", lambda: bmp(info(24), b"", bytes(36), offset=0)),
    "bmp os/2": ("BMP", "bmp", lambda: bmp(struct.pack("<HHHH", 4, 3, 1, 4), bytes(48), bytes(12))),
    "bmp top down": ("BMP", "bmp", lambda: bmp(info(32, 0, (4, -3)), b"", bytes(48))),
    "bigtiff by hand": ("TIFF", "tiff", big_tiff),
    "heic": ("HEIC", "heic", heic),
    "jxl": ("JXL", "jxl", jxl),
    "jpeg 2000": ("JPEG2000", "jp2", lambda: saved("JPEG2000")),
    "jpeg 2000 stream": ("JPEG2000", "jp2", lambda: saved("JPEG2000", no_jp2=True)),
}
if features.check("avif"):
    SAMPLES["avif"] = ("AVIF", "avif", lambda: saved("AVIF"))
    SAMPLES["avif alpha"] = ("AVIF", "avif", lambda: saved("AVIF", "RGBA"))
    SAMPLES["avif sequence"] = (
        "AVIF",
        "avif",
        lambda: saved("AVIF", save_all=True, append_images=frames()),
    )

OTHER_SIZES: dict[str, tuple[int, int]] = {
    "ico": (32, 32),
    "ico bitmap": (16, 16),
    "cur": (16, 16),
    "cur bitmap": (16, 16),
    "bmp run length": (4, 4),
    "bmp no sizes": (4, 3),
    "bmp os/2": (4, 3),
    "bmp top down": (4, 3),
    "bigtiff by hand": (4, 3),
    "heic": (64, 48),
    "jxl": (48, 16),
}
