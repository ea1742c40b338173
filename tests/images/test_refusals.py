"""Is what is no image refused, with the right word?"""

from __future__ import annotations

import io
import zipfile

import pytest

from imagecrawl.images.inspect import BadImage, inspect_image
from imagecrawl.outcomes import is_reason

from .samples import SVG, box, chunk, saved


def refusal(body: bytes, **options: bool) -> tuple[str, str]:
    with pytest.raises(BadImage) as caught:
        inspect_image(body, **options)
    assert is_reason(caught.value.reason)
    assert type(caught.value.reason) is str
    assert "\n" not in caught.value.detail
    assert len(caught.value.detail) < 200
    return caught.value.reason, caught.value.detail


@pytest.mark.parametrize(
    "body", [b"", b" \r\n\t ", bytes(5000), b"\xef\xbb\xbf", b"\xef\xbb\xbf \n", b"\xff\xfe"]
)
def test_nothing_is_empty(body: bytes) -> None:
    assert refusal(body)[0] == "empty"


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>404</body></html>",
        b"<!DOCTYPE html>\n<p>",
        b"<!doctype HTML PUBLIC '-//W3C//DTD HTML 4.01//EN'><p>",
        b"\xef\xbb\xbf\r\n  <HTML lang=en>",
        b"<!-- a -- comment -->\n<!-- > --><HtMl>",
        b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "a" "b">\n<html xmlns="x"/>',
        b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><svg/></html>',
        b"<script>location='/'</script>",
        b"<br />\n<b>Fatal error</b>: out of memory",
        b"<h1>Not found</h1>",
        "<html><p>ü".encode("utf-16"),
        "<html><p>".encode("utf-16-le"),
        "<html><p>\xff".encode("latin-1"),
        b"<body>" + SVG,
    ],
)
def test_html_is_html(body: bytes) -> None:
    assert refusal(body)[0] == "html"


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "a")
    return file.getvalue()


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "pdf"),
        (zipped(), "zip"),
        (b"\x1f\x8b\x08\0" + bytes(20), "gzip"),
        (box(b"ftyp", b"isom\0\0\2\0isomiso2mp41") + box(b"mdat", b"x"), "mp4"),
        (b'{"error": "not found"}', "json"),
        (b'\xef\xbb\xbf  [{"a": 1}]', "json"),
        (b"Not found", "text"),
        ("Pas trouvé, désolé".encode(), "text"),
        (b"BMW builds cars, and this is no bitmap", "text"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "xml error"),
        (b"<rss version='2.0'><channel/></rss>", "xml rss"),
        (b"<3 <3 <3", "text"),
        (b"8BPS\0\1" + bytes(40), "psd"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "riff WAVE"),
        (b"\x1aE\xdf\xa3" + bytes(40), "matroska"),
        (b"\x80\x81\x82\x83" * 10, "unknown"),
        (b"\xff\xd8 not a jpeg at all, really", "unknown"),
    ],
)
def test_other_kinds_are_named(body: bytes, word: str) -> None:
    reason, detail = refusal(body)
    assert (reason, word in detail) == ("not_an_image", True)


SCAN_HEADER = b"\xff\xda\0\x08\x01\x01\0\0\x3f\0"


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8" + SCAN_HEADER + b"\0\xff\xd9",
        saved("JPEG")[:-40] + saved("JPEG"),
        b"\x89PNG\r\n\x1a\n" + chunk(b"IDAT", b""),
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(13)) + chunk(b"IEND", b""),
        saved("PNG").replace(b"IDAT", b"IDAX"),
        saved("PNG")[:33] + saved("PNG")[8:],
        saved("PNG")[:60] + b"\x55" + saved("PNG")[61:],
        b"GIF89a\1\0\1\0\0\0\0;",
        b"GIF89a\1\0\1\0\0\0\0?????",
        b"RIFF\x04\0\0\0WEBP",
        saved("WEBP").replace(b"\x9d\x01\x2a", b"\x9d\x01\x2b"),
        b"\0\0\1\0\0\0" + bytes(40),
        saved("BMP")[:28] + b"\x07" + saved("BMP")[29:],
        SVG.replace(b"</g>", b""),
        SVG + b"junk",
    ],
)
def test_what_is_broken_otherwise_is_corrupt(body: bytes) -> None:
    assert refusal(body)[0] == "corrupt"


def test_the_decoder_finds_broken_pixels() -> None:
    body = saved("PNG", size=(200, 200))
    start = body.index(b"IDAT")
    length = int.from_bytes(body[start - 4 : start], "big")
    broken = body[: start - 4] + chunk(b"IDAT", b"\x55" * length) + chunk(b"IEND", b"")
    assert refusal(broken)[0] == "corrupt"


def test_a_picture_with_too_few_rows_is_truncated() -> None:
    body = bytearray(saved("GIF", "P"))
    whole = saved("GIF", "P", (37, 40))
    body[6:10] = whole[6:10]
    at = body.index(b",\0\0\0\0", 700 if len(body) > 1000 else 13)
    body[at + 5 : at + 9] = whole[6:10]
    assert refusal(bytes(body))[0] == "truncated"


def test_a_png_whose_data_chunks_are_empty() -> None:
    body = saved("PNG")
    head = body[: body.index(b"IDAT") - 4]
    empty = head + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    with pytest.raises(BadImage) as caught:
        inspect_image(empty)
    assert caught.value.reason == "corrupt"
