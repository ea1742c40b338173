"""Does a prefix, wherever it ends, say only what the whole body says too?"""

from __future__ import annotations

import io
import json
import struct
import tracemalloc
import zipfile
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from imagecrawl.images.early import (
    LOOKS,
    EarlyLook,
    dimensions,
    look,
)
from imagecrawl.images.inspect import BadImage, Decode, inspect_image
from imagecrawl.images.limits import Limits, Verdict
from imagecrawl.images.sniff import IMAGE_SIGNATURES

from .samples import SAMPLES, SIZE, SVG, bmp, box, chunk, info, saved, segment, with_segment

NO_LIMITS, HUGE = Limits(), Limits(10**9, 10**9)
RELAXED = settings(database=None, suppress_health_check=list(HealthCheck))


def long_exif(kilobytes: int) -> bytes:
    """Return a JPEG, itself with a thumbnail, whose frame comes late."""
    segments = segment(0xE1, b"Exif\0\0" + saved("JPEG", size=(8, 8)) + bytes(1000))
    segments += segment(0xE2, b"ICC_PROFILE\0\1\1" + bytes(1009)) * kilobytes
    return with_segment(saved("JPEG"), segments)


def apple_png() -> bytes:
    body = saved("PNG")
    return body[:8] + chunk(b"CgBI", bytes(4)) + body[8:]


def gif_after_a_comment() -> bytes:
    body = saved("GIF", "P").replace(b"GIF87a", b"GIF89a")
    at = 13 + (3 << (body[10] & 7) + 1)
    comment = b"!\xfe" + (b"\xff" + b"x" * 255) * 20 + b"\0"
    return body[:at] + comment + body[at:]


def extended_after_simple_webp() -> bytes:
    """Return a WebP whose VP8X, which has another size, comes behind its picture."""
    body = saved("WEBP") + b"VP8X" + struct.pack("<I", 10) + bytes(4) + b"\x63\0\0\x63\0\0"
    return body[:4] + struct.pack("<I", len(body) - 8) + body[8:]


def late_tiff() -> bytes:
    """Return a TIFF of 400 by 300 grey pixels whose directory is behind them."""
    entries = [(256, 400), (257, 300), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1)]
    entries += [(278, 300), (279, 120_000)]
    body = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries)
    front = struct.pack("<2sHI", b"II", 42, 120_008) + bytes(120_000)
    return front + struct.pack("<H", len(entries)) + body + bytes(4)


def avif_with_a_gap() -> bytes:
    body = saved("AVIF")
    end = int.from_bytes(body[:4], "big")
    return body[:end] + box(b"free", b"x") + body[end:]


DOCTYPE = b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://127.0.0.1:9/svg11.dtd">'
WIDE = f'<?xml version="1.0" encoding="UTF-16"?><!-- {"x" * 700} -->{SVG.decode()}'
ODD = {
    "jpeg, 3 kB before its frame": long_exif(3),
    "jpeg, 100 kB before its frame": long_exif(100),
    "jpeg turned by Exif": saved("JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6"),
    "png of Apple": apple_png(),
    "gif, 5 kB before its image": gif_after_a_comment(),
    "gif larger than its screen": saved("GIF", "P")[:6] + b"\2\0\2\0" + saved("GIF", "P")[10:],
    "webp, VP8X last": extended_after_simple_webp(),
    "avif with a box before": avif_with_a_gap(),
    "tiff, directory last": late_tiff(),
    "tiff of 5000 pixels a row": saved("TIFF", "L", (5000, 90)),
    "bmp top down": bmp(info(32, 0, (4, -3)), b"", bytes(48)),
    "svg after a comment": b"<!-- <html> " + b"x" * 70_000 + b" -->" + SVG,
    "svg after a short comment": b"<!-- <html> " + b"x" * 5000 + b" -->" + SVG,
    "svg after a document type": DOCTYPE + b" " * 9000 + SVG,
    "svg after blanks": b"\n" * 20_000 + SVG,
    "svg of 200 kB": SVG.replace(b"M0 0", b"M0 0 " * 40_000),
    "svg in UTF-16": WIDE.encode("utf-16-le"),
    "svg in UTF-16, other order": WIDE.encode("utf-16-be"),
    "svg in UTF-16 with a mark": WIDE.encode("utf-16"),
    "svg of another prefix": b"<svg:svg xmlns:svg='http://www.w3.org/2000/svg'/>" + b" " * 999,
}
LARGE = ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "TIFF", "JPEG2000"]
IMAGES = (
    {name: make() for name, (_, _, make) in SAMPLES.items()}
    | ODD
    | {f"large {kind}": saved(kind, size=(900, 700)) for kind in LARGE}
)


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "a" * 100_000)
    return file.getvalue()


PARAGRAPHS = b"<p>This page is not an image. <svg/></p>\n" * 2500
OTHERS = {
    "html": b"<!DOCTYPE html>\n<html>" + PARAGRAPHS,
    "html after a comment": b"<!-- " + b"x" * 6000 + b"-->\n<html>" + PARAGRAPHS,
    "html in UTF-16": ("<html>" + PARAGRAPHS.decode()).encode("utf-16"),
    "xhtml": b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "a" "b">\n<html>' + PARAGRAPHS,
    "xml": b"<?xml version='1.0'?><Error><Code>AccessDenied</Code>" + b"<a>b</a>" * 12_500,
    "pdf": b"%PDF-1.7\n%\xe2\xe3" + bytes(range(256)) * 400,
    "zip": zipped(),
    "mp4": box(b"ftyp", b"isom\0\0\2\0isomiso2mp41") + box(b"mdat", bytes(100_000)),
    "mp3": b"ID3\4\0" + bytes(100_000),
    "json": json.dumps([{"error": "not found"}] * 5000).encode(),
    "text": "Pas trouvé, désolé. ".encode() * 5000,
    "text after blanks": b" " * 600 + b"Not found " * 10_000,
    "noise": b"\x80\x81\x82\x83\0\1" * 17_000,
}


def chunks(body: bytes, sizes: list[int]) -> Iterator[bytes]:
    """Cut *body* into pieces of these sizes, over and over."""
    at = turn = 0
    while at < len(body):
        size = sizes[turn % len(sizes)]
        yield body[at : at + size]
        at, turn = at + size, turn + 1


def verdicts(body: bytes, sizes: list[int], limits: Limits) -> list[Verdict]:
    early = EarlyLook(limits)
    return [v for v in map(early.feed, chunks(body, sizes)) if v is not None]


def refused(body: bytes) -> str:
    with pytest.raises(BadImage) as caught:
        inspect_image(body, decode=Decode.NONE)
    return caught.value.reason


def measured(body: bytes) -> tuple[int | None, int | None] | None:
    """Return the size that the whole body has, if it is an image."""
    try:
        facts = inspect_image(body, decode=Decode.NONE)
    except BadImage:
        return None
    return facts.width, facts.height


SIZES = st.lists(st.integers(1, 3000) | st.just(65_536), min_size=1, max_size=5)


@pytest.mark.parametrize("name", IMAGES)
@given(sizes=SIZES)
@example(sizes=[1460])
@example(sizes=[65_536])
@example(sizes=[512])
@settings(RELAXED, max_examples=15)
def test_an_image_is_never_called_something_else(name: str, sizes: list[int]) -> None:
    body = IMAGES[name]
    inspect_image(body, decode=Decode.NONE)  # it is one
    assert verdicts(body, sizes, NO_LIMITS) == []
    assert {v.reason for v in verdicts(body, sizes, HUGE)} <= {"too_small"}


@pytest.mark.parametrize("name", IMAGES)
def test_no_prefix_of_an_image_is_judged_wrongly(name: str) -> None:
    body = IMAGES[name]
    size = measured(body)
    step = 1 + len(body) // 3000
    for cut in [*range(min(len(body), 700)), *range(700, len(body) + 1, step)]:
        assert look(body[:cut], NO_LIMITS) is None
        assert dimensions(body[:cut]) in (None, size)


@pytest.mark.parametrize("sizes", [[65_536], [1460], [100], [511, 1]])
@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_image_is_named_as_of_the_whole_body(name: str, sizes: list[int]) -> None:
    body = OTHERS[name]
    assert len(body) > 90_000
    found = {v.reason for v in verdicts(body, sizes, HUGE)}
    assert found == {refused(body)}
    assert found <= {"html", "not_an_image"}


def test_a_page_is_known_by_its_first_512_bytes() -> None:
    early, page = EarlyLook(NO_LIMITS), OTHERS["html"]
    assert early.feed(page[:511]) is None
    assert early.feed(page[511:512]) == Verdict("html", "an HTML page")
    assert early.feed(SAMPLES["png"][2]()) == Verdict("html", "an HTML page")


ALPHABET = "<>!-?:[]\"'= svghtmlDOCTYPE\n\0é😀/1"
STARTS = [start for start, _ in IMAGE_SIGNATURES] + [
    *(b"RIFF\x40\0\0\0WEBPVP8X", b"\0\0\0\x18ftypavif\0\0\0\0mif1avif", b"\0\0\1\0ftypisom"),
    *(b"BM" + bytes(12) + b"\x28\0\0\0", b"%PDF-", b"\x1f\x8b", b"\xff\xfe", b"\xef\xbb\xbf", b""),
]
MARKUP = st.tuples(
    st.sampled_from(["", "<", "<svg", "<svg ", "<!DOCTYPE ", "<!doctype html:", "<!-- ", "<?"]),
    st.text(alphabet=ALPHABET, max_size=40),
    st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-16-be"]),
).map(lambda parts: (parts[0] + parts[1]).encode(parts[2]))
BYTES = st.tuples(st.sampled_from(STARTS), st.binary(max_size=60)).map(b"".join)
TAILS = MARKUP | BYTES | st.sampled_from([SVG, SVG[4:], b"svg " + SVG[5:], SAMPLES["png"][2]()])


@given(MARKUP | BYTES, TAILS, st.integers(0, 60))
@example(b"<!DOCTYPE html:", b"svg>" + SVG, 99)
@example("<!DOCTYPE svg>  ".encode("utf-16-le")[:-7], b"\0g\0>\0", 99)
@example("<?xml?>        <svg/>".encode("utf-16-le")[:-7], "vg/>".encode("utf-16-le")[1:], 99)
@settings(RELAXED, max_examples=3000)
def test_what_is_rejected_is_refused_whatever_follows(
    front: bytes, tail: bytes, blanks: int
) -> None:
    for prefix in (front, front + b" " * blanks, b" " * blanks + front):
        verdict = look(prefix, NO_LIMITS)
        if verdict is not None:
            assert verdict.reason in ("html", "not_an_image")
            assert refused(prefix + tail) == verdict.reason


@given(
    st.sampled_from(sorted(IMAGES)),
    st.lists(st.tuples(st.integers(0, 400), st.binary(min_size=1, max_size=4)), max_size=3),
    st.integers(0, 2000),
)
@settings(RELAXED, max_examples=1500)
def test_a_changed_image_is_measured_as_a_whole_too(
    name: str, edits: list[tuple[int, bytes]], cut: int
) -> None:
    body = bytearray(IMAGES[name])
    for at, data in edits:
        body[at : at + len(data)] = data
    whole, size = measured(bytes(body)), dimensions(bytes(body[:cut]))
    if whole is not None and size is not None:
        assert size == whole


@pytest.mark.parametrize("name", [name for name in IMAGES if not name.startswith("svg")])
def test_the_size_is_known_by_the_end_of_the_file(name: str) -> None:
    late = {"webp, VP8X last", "jxl"}
    assert dimensions(IMAGES[name]) == (None if name in late else measured(IMAGES[name]))


@pytest.mark.parametrize("kind", [kind for kind in LARGE if kind != "TIFF"])
def test_the_size_is_known_early(kind: str) -> None:
    assert dimensions(IMAGES[f"large {kind}"][:1024]) == (900, 700)


def test_what_has_no_size_early() -> None:
    assert dimensions(SVG) is None
    assert dimensions(b"") is None
    assert dimensions(OTHERS["html"]) is None
    assert dimensions(late_tiff()[:65_536]) is None
    assert dimensions(long_exif(100)[:65_536]) is None


def test_too_small() -> None:
    body = IMAGES["large JPEG"]
    for limits in (Limits(901), Limits(0, 701), Limits(1000, 1000)):
        (verdict, *rest) = verdicts(body, [1460], limits)
        assert verdict.reason == "too_small"
        assert "900x700" in verdict.detail
        assert set(rest) == {verdict}
    for limits in (NO_LIMITS, Limits(900, 700), Limits(900), Limits(0, 700)):
        assert verdicts(body, [1460], limits) == []


def test_a_frame_behind_60_kb_is_found_at_the_last_look() -> None:
    body = long_exif(55) + bytes(100_000)
    early = EarlyLook(Limits(100, 100))
    assert early.feed(body[: LOOKS[2]]) is None
    verdict = early.feed(body[LOOKS[2] :])
    assert verdict is not None
    assert verdict.reason == "too_small"


def test_little_is_kept_of_an_endless_body() -> None:
    early, blanks = EarlyLook(HUGE), b" " * 1400
    tracemalloc.start()
    found = {early.feed(blanks) for _ in range(2000)}
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == {None}
    assert peak < 4 * LOOKS[-1]


def test_the_size_is_that_before_any_rotation() -> None:
    assert dimensions(ODD["jpeg turned by Exif"]) == SIZE


def test_limits_on_what_is_not_known() -> None:
    assert Limits(10, 10).of_size(None, None) is None
    assert Limits(10, 10).of_size(None, 9) is None
    assert Limits(10, 10).of_size(10, 9) == Verdict("too_small", "10x9, smaller than 10x10")
