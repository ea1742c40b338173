"""Is the path of an image legal everywhere?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagecrawl.images.names import image_path, named_paths, safe_name

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


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("cat 7", "cat 7"),
        ("  caf\xe9 \u732b.JPG ", "caf\xe9 \u732b"),
        ("cats/2026/7.tar.png", "cats/2026/7.tar"),
        ("v1.2", "v1.2"),
        (".jpg", ".jpg"),
        ("../../etc/passwd", "__/__/etc/passwd"),
        ("/etc/passwd", "_etc/passwd"),
        ("a//b/", "a/_b_"),
        ("./x/.", "_/x/_"),
        ("C:\\x\\y", "C__x_y"),
        ("a\x00b\nc\x85d\u2028e", "a_b_c_d_e"),
        ("dots. . /x...", "dots____/x___"),
        ("con", "_on"),
        ("a/NUL.txt/com1", "a/_UL.txt/_om1"),
        ("console/lpt", "console/lpt"),
        ("", "_"),
        ("...", "___"),
        ("\ud800", "_"),
    ],
)
def test_a_name_is_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_long_name_is_cut_between_characters() -> None:
    assert safe_name("\u732b" * 100) == "\u732b" * 66
    assert len(safe_name("a/" * 300).encode()) == 200


@given(st.text(st.characters() | st.sampled_from("/\\. :con"), max_size=300))
def test_every_name_is_safe(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe.encode()) <= 200
    for part in safe.split("/"):
        assert part not in ("", ".", "..")
        assert part[-1] not in ". "
        assert not set(part) & set('<>:"\\|?*\n\0')


def test_the_paths_of_a_name() -> None:
    assert named_paths("cat.png", SHA, "jpg") == (
        "full/cat.jpg",
        "full/cat~ab12ab12.jpg",
        image_path(SHA, "jpg"),
    )
