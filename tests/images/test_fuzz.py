"""Whatever the bytes are, is `BadImage` all that ever comes out?"""

from __future__ import annotations

import contextlib
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imagecrawl.images.inspect import BadImage, Decode, ImageFacts, inspect_image
from imagecrawl.images.sniff import IMAGE_SIGNATURES

from .samples import SAMPLES

BODIES = {name: make() for name, (_, _, make) in SAMPLES.items()}
STARTS = [start for start, _ in IMAGE_SIGNATURES] + [
    *(b"RIFF\x40\0\0\0WEBPVP8X", b"\0\0\0\x18ftypavif\0\0\0\0mif1avif", b"<svg ", b"<?xml "),
    *(b"BM" + bytes(12) + b"\x28\0\0\0", b"<!DOCTYPE ", b"<!-- "),
]
RELAXED = settings(database=None, suppress_health_check=list(HealthCheck))


def check(body: bytes, *, decode: Decode = Decode.ALL) -> None:
    """Inspect *body*; let anything but `BadImage` through."""
    with contextlib.suppress(BadImage):
        assert isinstance(inspect_image(body, max_pixels=10**6, decode=decode), ImageFacts)


@given(st.binary(max_size=300))
@settings(RELAXED, max_examples=400)
def test_any_bytes(body: bytes) -> None:
    check(body)


@given(st.sampled_from(STARTS), st.binary(max_size=300))
@settings(RELAXED, max_examples=600)
def test_any_bytes_behind_a_signature(start: bytes, rest: bytes) -> None:
    check(start + rest)


@given(st.text(alphabet="<>!-?&;[]\"'= svghtmlDOCTYPE\n\0é:/", max_size=80))
@settings(RELAXED, max_examples=400)
def test_any_markup(text: str) -> None:
    for start in ("", "<svg ", "<!DOCTYPE svg ["):
        check((start + text).encode())
        check((start + text).encode("utf-16"))


@given(
    st.sampled_from(sorted(BODIES)),
    st.lists(st.tuples(st.integers(0, 10**6), st.binary(min_size=1, max_size=4)), max_size=4),
    st.integers(0, 50),
)
@settings(RELAXED, max_examples=800)
def test_any_change_of_a_file(name: str, edits: list[tuple[int, bytes]], cut: int) -> None:
    body = bytearray(BODIES[name])
    for at, data in edits:
        at %= len(body)
        body[at : at + len(data)] = data
    check(bytes(body[: len(body) - cut]))


@pytest.mark.parametrize("name", BODIES)
def test_any_flipped_byte_in_the_front(name: str) -> None:
    body, dice = bytearray(BODIES[name]), random.Random(7)
    for at in range(min(len(body), 400)):
        kept, body[at] = body[at], dice.randrange(256)
        check(bytes(body), decode=Decode.ALL if at % 8 == 0 else Decode.SAMPLE)
        body[at] = kept
