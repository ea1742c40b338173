"""Is every file that lost its end refused, wherever it was cut?"""

from __future__ import annotations

import pytest

from imagecrawl.images.inspect import BadImage, Decode, inspect_image
from imagecrawl.images.sniff import is_blank

from .samples import SAMPLES, png_of_zeros, saved

#: What may be missing from the end, or from behind the first image, unseen (see the modules).
PADDING = {"tiff pages": 11}
WHOLE_TAIL = {"mpo": 1, "motion photo": 8}


def may_pass(name: str, body: bytes, cut: int) -> bool:
    """Tell whether a cut at *cut* takes nothing that says it is missing."""
    if len(body) - cut <= PADDING.get(name, 0):
        return True
    if name not in WHOLE_TAIL:
        return False
    end = body.index(b"\xff\xd9") + 2  # no thumbnail in these
    return end <= cut < end + WHOLE_TAIL[name]


def reason(body: bytes, *, decode: Decode) -> str:
    try:
        inspect_image(body, decode=decode)
    except BadImage as error:
        return error.reason
    return "accepted"


@pytest.mark.parametrize("name", SAMPLES)
def test_a_cut_at_every_byte_is_seen_in_the_structure(name: str) -> None:
    body = SAMPLES[name][2]()
    found = {
        cut: reason(body[:cut], decode=Decode.NONE)
        for cut in range(len(body))
        if not may_pass(name, body, cut)
    }
    assert {cut: word for cut, word in found.items() if word != "truncated"} == {
        cut: "empty" for cut in range(len(body)) if is_blank(body[:cut])
    }


@pytest.mark.parametrize("name", SAMPLES)
def test_a_cut_is_seen_with_the_decoder_too(name: str) -> None:
    body = SAMPLES[name][2]()
    for cut in range(0, len(body), 1 + len(body) // 60):
        if not may_pass(name, body, cut):
            assert reason(body[:cut], decode=Decode.ALL) in ("truncated", "empty"), cut


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP"])
def test_a_cut_of_a_large_file_is_seen(kind: str) -> None:
    body = saved(kind, size=(900, 700))
    cuts = [*range(len(body) - 64, len(body)), *range(0, len(body), 1 + len(body) // 200)]
    assert {reason(body[:cut], decode=Decode.NONE) for cut in cuts[:-201]} == {"truncated"}
    assert {reason(body[:cut], decode=Decode.NONE) for cut in cuts} <= {"truncated", "empty"}


@pytest.mark.parametrize("name", [name for name in SAMPLES if name.startswith("jpeg")])
def test_nuls_do_not_replace_a_lost_end(name: str) -> None:
    body = SAMPLES[name][2]()
    half = body[: len(body) * 3 // 4]
    assert reason(half + bytes(len(body)), decode=Decode.ALL) in ("truncated", "corrupt")


def test_a_cut_of_a_bomb_is_seen_without_decoding() -> None:
    body = png_of_zeros(20_000, 5_000)
    assert reason(body, decode=Decode.ALL) == "accepted"
    assert reason(body[:-1], decode=Decode.ALL) == "truncated"


@pytest.mark.parametrize("name", SAMPLES)
def test_a_few_bytes_of_a_signature_are_a_cut(name: str) -> None:
    body = SAMPLES[name][2]()
    for cut in range(1, 18):
        assert reason(body[:cut], decode=Decode.ALL) in ("truncated", "empty"), cut
