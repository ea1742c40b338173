"""Do the first kilobytes already say that a download is not wanted?"""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagecrawl.images.early import EarlyLook, dimensions, look
from imagecrawl.images.inspect import BadImage, Decode, inspect_image
from imagecrawl.images.limits import Limits, Verdict
from tests.images.samples import SAMPLES, saved, segment, with_segment

ANY = Limits()
HTML = b"<!DOCTYPE html><html><head><title>x</title></head><body>" + b"<p>x</p>" * 20_000
BODIES = [make() for _, _, make in SAMPLES.values()]
OTHERS = {
    "html": HTML,
    "pdf": b"%PDF-1.7\n" + b"x" * 100_000,
    "zip": b"PK\x03\x04" + bytes(range(256)) * 400,
    "mp4": b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\x01" * 100_000,
    "json": json.dumps([{"a": n} for n in range(20_000)]).encode(),
    "text": b"plain words, and no mark-up\n" * 5_000,
    "noise": random.Random(4).randbytes(100_000),
}


def fed(body: bytes, limits: Limits = ANY, step: int = 1_400) -> Verdict | None:
    early = EarlyLook(limits)
    for at in range(0, len(body), step):
        verdict = early.feed(body[at : at + step])
        if verdict is not None:
            return verdict
    return None


def large(body: bytes) -> list[bytes]:
    """The sample itself, and as the beginning of something longer."""
    return [body, body + b"\0" * 70_000]


@pytest.mark.parametrize("name", sorted(SAMPLES))
@pytest.mark.parametrize("step", [1, 1_400, 65_536])
def test_no_image_is_refused(name: str, step: int) -> None:
    body = SAMPLES[name][2]()
    if step == 1 and len(body) > 20_000:
        step = 100
    for one in large(body):
        assert fed(one, step=step) is None


@pytest.mark.parametrize("name", sorted(OTHERS))
@pytest.mark.parametrize("step", [700, 65_536])
def test_what_is_refused_is_what_the_whole_would_be_refused_for(name: str, step: int) -> None:
    verdict = fed(OTHERS[name], step=step)
    assert verdict is not None
    with pytest.raises(BadImage) as whole:
        inspect_image(OTHERS[name])
    assert (verdict.reason, verdict.detail) == (whole.value.reason, whole.value.detail)


@given(
    st.sampled_from(
        [*(make() for _, _, make in SAMPLES.values()), *OTHERS.values(), b"", b" \n<", b"<"]
    ),
    st.binary(max_size=200),
    st.integers(0, 300),
    st.binary(max_size=5_000),
)
def test_no_prefix_is_refused_that_may_become_an_image(
    body: bytes, junk: bytes, at: int, tail: bytes
) -> None:
    prefix = (body[:at] + junk + body[at:])[:4_096].ljust(4_096, b" ")
    verdict = look(prefix, ANY)
    if verdict is None:
        return
    with pytest.raises(BadImage) as whole:
        inspect_image(prefix + tail, decode=Decode.NONE)
    assert whole.value.reason == verdict.reason


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_size_is_that_of_the_whole(name: str) -> None:
    body = SAMPLES[name][2]()
    facts = inspect_image(body, decode=Decode.NONE)
    for cut in (len(body), len(body) // 2, 100, 30):
        size = dimensions(body[:cut])
        assert size is None or size == (facts.width, facts.height)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF"])
def test_a_small_picture_is_refused_before_it_has_come(kind: str) -> None:
    body = saved(kind, size=(300, 200)) + b"\0" * 9_000
    assert fed(body[:4_096], Limits(300, 200)) is None
    verdict = fed(body[:4_096], Limits(400, 0))
    assert verdict is not None
    assert (verdict.reason, verdict.detail) == ("too_small", "300x200, smaller than 400x0")


def test_a_size_behind_a_long_profile_is_found_when_it_comes() -> None:
    body = saved("JPEG", size=(300, 200))
    body = with_segment(body, segment(0xE2, b"ICC_PROFILE\0" + b"p" * 30_000)) + b"\0" * 64_000
    assert fed(body[:8_000], Limits(400, 0)) is None
    assert fed(body, Limits(400, 0)) is not None


def test_nothing_is_kept_once_it_is_decided() -> None:
    early = EarlyLook(ANY)
    early.feed(saved("PNG", size=(900, 900)).ljust(70_000, b"\0"))
    assert not early._kept
