"""How many rows a list has, for the time that is left."""

from __future__ import annotations

import gzip
import threading
from pathlib import Path

import pytest

from imagecrawl.inputs.length import Length
from imagecrawl.inputs.lists import Lists
from imagecrawl.inputs.table import Wanted

URLS = [f"http://h/{number}.jpg" for number in range(50)]


def rows(*paths: Path) -> int | None:
    tables = Lists(",".join(map(str, paths)), Wanted()).local_tables()
    length = Length(tables)
    for thread in threading.enumerate():
        if thread.name == "list-length":
            thread.join(30)
    return length.rows


@pytest.mark.parametrize(
    ("name", "text", "count"),
    [
        ("a.txt", "\n".join(URLS) + "\n\n \n", 50),
        ("a.csv", "url,alt\n" + "\n".join(f"{url},x" for url in URLS), 50),
        ("a.jsonl", "\n".join(f'{{"url": "{url}"}}' for url in URLS), 50),
        ("a.json", f'["{URLS[0]}", "{URLS[1]}"]', None),
    ],
)
def test_the_formats(tmp_path: Path, name: str, text: str, count: int | None) -> None:
    (tmp_path / name).write_text(text)
    assert rows(tmp_path / name) == count


def test_several_lists_and_compressed_ones(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\n".join(URLS))
    (tmp_path / "b.txt.gz").write_bytes(gzip.compress("\n".join(URLS[:7]).encode()))
    assert rows(tmp_path / "a.txt", tmp_path / "b.txt.gz") == 57
