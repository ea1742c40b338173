from __future__ import annotations

import pytest

from imagecrawl.images.limits import Limits, Verdict, formats_of


def reason(verdict: Verdict | None) -> str | None:
    return verdict.reason if verdict else None


def test_no_limits() -> None:
    limits = Limits()
    assert limits.of_size(1, 1) is limits.of_bytes(0) is limits.of_format("PNG") is None


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((100, 50), None),
        ((99, 50), "too_small"),
        ((100, 49), "too_small"),
        ((300, 100), None),
        ((301, 100), "aspect"),
        ((100, 301), "aspect"),
        ((None, None), None),
        ((0, 0), "too_small"),
    ],
)
def test_sizes(size: tuple[int | None, int | None], expected: str | None) -> None:
    assert reason(Limits(min_width=100, min_height=50, max_aspect=3).of_size(*size)) == expected


def test_bytes() -> None:
    limits = Limits(min_bytes=10, max_bytes=20)
    found = [reason(limits.of_bytes(count)) for count in (9, 10, 20, 21)]
    assert found == ["too_few_bytes", None, None, "too_large"]
    assert limits.of_bytes(9, so_far=True) is None
    assert limits.of_bytes(21, so_far=True) == Verdict("too_large", "at least 21 bytes, over 20")


def test_formats() -> None:
    wanted = formats_of(["jpg", " .PNG", "heif", "tif"])
    assert wanted == {"JPEG", "PNG", "HEIC", "TIFF"}
    assert Limits(formats=wanted).of_format("PNG") is None
    assert reason(Limits(formats=wanted).of_format("GIF")) == "format"
    with pytest.raises(ValueError, match=r"'webpp' is no format: did you mean webp\?"):
        formats_of(["webpp"])
    with pytest.raises(ValueError, match="there are jpeg, png"):
        formats_of(["7"])
