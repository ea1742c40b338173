"""What do the first bytes of a body say it is?

The order of the tests follows the WHATWG MIME Sniffing standard, section 6 and 7.1: binary
signatures first, text last. Nothing here says that a file is whole.
"""

from __future__ import annotations

import struct

from imagecrawl.images.facts import truncated
from imagecrawl.images.markup import text_kind

IMAGE_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"II+\x00\x08\x00", "TIFF"),
    (b"MM\x00+\x00\x08", "TIFF"),
    (b"\x00\x00\x01\x00", "ICO"),
    (b"\x00\x00\x02\x00", "CUR"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "JXL"),
    (b"\xff\x0a", "JXL"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG2000"),
    (b"\xff\x4f\xff\x51", "JPEG2000"),
)

_OTHER_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "pdf"),
    (b"%!PS", "postscript"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"8BPS", "psd"),
    (b"\x8aMNG\r\n\x1a\n", "mng"),
    (b"\x8bJNG\r\n\x1a\n", "jng"),
    (b"\x1aE\xdf\xa3", "matroska"),
    (b"OggS", "ogg"),
    (b"ID3", "mp3"),
    (b"fLaC", "flac"),
    (b"FLV\x01", "flv"),
    (b"FWS", "flash"),
    (b"CWS", "flash"),
    (b"\x00\x00\x01\xba", "mpeg"),
    (b"\x00\x00\x01\xb3", "mpeg"),
    (b"wOFF", "font"),
    (b"wOF2", "font"),
    (b"OTTO", "font"),
    (b"\x00\x01\x00\x00", "font"),
    (b"\x7fELF", "executable"),
    (b"qoif", "qoi"),
    (b"DDS ", "dds"),
    (b"farbfeld", "farbfeld"),
    (b"v/1\x01", "openexr"),
)

_AVIF_BRANDS = frozenset({b"avif", b"avis", b"avio"})
_HEIC_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)
_BMP_HEADERS = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
_BLANK = b"\x00\t\n\x0b\x0c\r "


def sniff(body: bytes) -> str:
    """Return what *body* looks like: an image format in capitals, or another kind's word.

    ``empty``, ``html`` and ``prolog`` (markup that ends before its first tag) are such
    words. A body of a few bytes that begins a known signature raises `BadImage`.
    """
    if is_blank(body):
        return "empty"
    for signature, kind in IMAGE_SIGNATURES:
        if body.startswith(signature):
            return kind
    found = _container_kind(body)
    if found:
        return found
    for signature, kind in _OTHER_SIGNATURES:
        if body.startswith(signature):
            return kind
    _refuse_a_prefix(body)
    return text_kind(body)


def is_blank(body: bytes) -> bool:
    """Tell whether *body* has nothing but blanks, NULs and a byte order mark."""
    if body[:3] == b"\xef\xbb\xbf":
        body = body[3:]
    elif body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        body = body[2:]
    return not body or (body[0] in _BLANK and not body.strip(_BLANK))


def _container_kind(body: bytes) -> str | None:
    """Return the kind of a RIFF, ISO base media or BMP file."""
    if body[:4] == b"RIFF" and len(body) >= 12:
        return "WEBP" if body[8:12] == b"WEBP" else f"riff {body[8:12].decode('latin-1')}"
    if body[4:8] == b"ftyp":
        return _brand_kind(body)
    if body[:2] == b"BM" and len(body) >= 18:
        (header,) = struct.unpack_from("<I", body, 14)
        return "BMP" if header in _BMP_HEADERS else None
    return None


def _brand_kind(body: bytes) -> str:
    """Return the kind that the brands of the ``ftyp`` box name (ISO/IEC 14496-12, 4.3)."""
    (size,) = struct.unpack_from(">I", body)
    end = size if 16 <= size <= 4096 else 16
    if len(body) < end:
        raise truncated("ends in the ftyp box")
    brands = {body[8:12]} | {body[at : at + 4] for at in range(16, end - 3, 4)}
    if brands & _AVIF_BRANDS:
        return "AVIF"
    if body[8:12] == b"crx ":
        return "raw camera file"
    if brands & _HEIC_BRANDS:
        return "HEIC"
    return f"mp4 or the like, brand {body[8:12].decode('latin-1')}"


def _refuse_a_prefix(body: bytes) -> None:
    """Raise `BadImage` where *body* is the beginning of a signature, and no more."""
    if len(body) >= 18:
        return
    starts = any(signature.startswith(body) for signature, _ in IMAGE_SIGNATURES)
    riff = b"RIFF".startswith(body[:4]) and b"WEBP".startswith(body[8:])
    box = body[:2] == b"\x00\x00" and len(body) < 8 and b"ftyp".startswith(body[4:])
    bitmap = body[:2] == b"BM" or body == b"B"
    if starts or riff or box or bitmap:
        raise truncated(f"{len(body)} bytes, the beginning of a signature")
