"""Egg and wheel have all of the package, and nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import zipfile
from pathlib import Path

import pytest
from packaging.version import Version

import imagecrawl
from tests.scrapyd.environment import ROOT


def expected() -> set[str]:
    """Every file of the package: code, data and templates."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "imagecrawl").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def packed(archive: Path) -> tuple[set[str], str]:
    """Return the files of the package in *archive*, and the metadata."""
    with zipfile.ZipFile(archive) as files:
        names = {name for name in files.namelist() if not name.endswith(".pyc")}
        about = [n for n in names if n.endswith(("EGG-INFO/PKG-INFO", ".dist-info/METADATA"))]
        metadata = files.read(about[0]).decode()
    return {n for n in names if not re.match(r"EGG-INFO/|[^/]*\.dist-info/", n)}, metadata


def test_the_egg(egg: Path) -> None:
    names, metadata = packed(egg)
    assert names == expected()
    assert f"\nVersion: {imagecrawl.__version__}\n" in metadata
    with zipfile.ZipFile(egg) as files:
        entry_points = files.read("EGG-INFO/entry_points.txt").decode()
    assert "[scrapy]\nsettings = imagecrawl.settings" in entry_points


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
def test_a_node_takes_the_byte_code_in_the_egg(egg: Path, binaries: Path, zone: str) -> None:
    code = "import sys, zipimport as z; print(z.zipimporter(sys.argv[1]).get_filename('spiders'))"
    done = subprocess.run(
        [str(binaries / "python"), "-c", code, f"{egg}/imagecrawl"],
        env={**os.environ, "TZ": zone},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{egg}/imagecrawl/spiders/__init__.pyc\n"


def test_the_wheel(binaries: Path, project: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(str(binaries / "pip"), "wheel", "--no-deps", "--no-build-isolation", "--no-index"),
            *("--wheel-dir", str(tmp_path), str(project)),
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names, metadata = packed(wheel)
    assert names == expected()
    assert f"\nVersion: {imagecrawl.__version__}\n" in metadata


def test_the_version_is_one_that_sorts() -> None:
    assert str(Version(imagecrawl.__version__)) == imagecrawl.__version__


def test_scrapy_cfg_means_a_scrapyd_on_this_machine() -> None:
    text = (ROOT / "scrapy.cfg").read_text()
    # With a slash at the end scrapyd-client asks for //listprojects.json, and gets a 404.
    assert re.search(r"^url = http://localhost:6800$", text, re.MULTILINE)
    assert re.search(r"^project = imagecrawl$", text, re.MULTILINE)
