"""Is every whole file accepted, for what it is?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from imagecrawl.images.inspect import Decode, ImageFacts, inspect_image

from .samples import OTHER_SIZES, SAMPLES, SIZE

NOT_DECODED = {"svg", "heic", "jxl", "jpeg 2000", "jpeg 2000 stream", "bmp run length"}
TAILS = {
    "nuls": bytes(1000),
    "a nul": b"\0",
    "a line": b"\r\n",
    "a comment": b"\n<!-- served from the cache -->\n",
    "words": b"garbage! " * 30,
    "a half signature": b"\xff\xd8\xff\xe0",
}


def expected(name: str) -> tuple[str, str, int, int]:
    kind, extension, _ = SAMPLES[name]
    return (kind, extension, *OTHER_SIZES.get(name, SIZE))


def seen(facts: ImageFacts) -> tuple[str, str, int | None, int | None]:
    return facts.format, facts.extension, facts.width, facts.height


@pytest.mark.parametrize("name", SAMPLES)
def test_a_whole_file_is_accepted(name: str) -> None:
    facts = inspect_image(SAMPLES[name][2]())
    assert seen(facts) == expected(name)
    assert facts.decoded == (name not in NOT_DECODED)


@pytest.mark.parametrize("name", SAMPLES)
def test_on_its_structure_alone(name: str) -> None:
    facts = inspect_image(SAMPLES[name][2](), decode=Decode.NONE)
    assert seen(facts) == expected(name)
    assert not facts.decoded


@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "svg"])
def test_whatever_is_behind_it(name: str, tail: str) -> None:
    assert seen(inspect_image(SAMPLES[name][2]() + TAILS[tail])) == expected(name)


def test_in_many_threads_at_once() -> None:
    bodies = [make() for _, _, make in SAMPLES.values()] * 5
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(inspect_image, bodies))
    assert [seen(facts) for facts in found] == [expected(name) for name in SAMPLES] * 5
