"""Is the path of an image legal everywhere?"""

from __future__ import annotations

import pytest

from imagecrawl.images.names import image_path

SHA = "ab12" * 16


def test_the_path_has_a_folder_of_two_digits() -> None:
    assert image_path(SHA, "jpg") == f"full/ab/{SHA}.jpg"


@pytest.mark.parametrize(
    ("sha256", "extension"),
    [("", "jpg"), (SHA.upper(), "jpg"), (SHA + "\n", "jpg"), (SHA[:-1], "jpg")]
    + [(SHA, extension) for extension in ("", ".jpg", "JPG", "a/b", "../x", "jpg\n", "con:1")],
)
def test_anything_else_is_refused(sha256: str, extension: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        image_path(sha256, extension)
