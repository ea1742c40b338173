"""Which lines does a list of URLs have, from some line on?"""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from imagecrawl.inputs.urllist import read_lines, signature

A, B, C = "http://h/a", "http://h/caf\xe9", "http://h/\u732b"
LINES = [(1, A), (2, B), (3, C)]
TEXT = f"{A}\n{B}\n{C}\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "list.txt"


def lines(path: Path, data: bytes, after: int = 0) -> list[tuple[int, str]]:
    path.write_bytes(data)
    records = filter(None, read_lines(path, after))
    return [(record.number, record.values) for record in records]


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r\n").encode("utf-16"),
        TEXT.replace("\n", "\r").encode(),
        TEXT.rstrip("\n").encode(),
        TEXT.replace("\n", " \t\n  ").encode(),
        gzip.compress(TEXT.encode()),
        gzip.compress(TEXT.encode("utf-16")),
        gzip.compress(f"{A}\n".encode()) + gzip.compress(f"{B}\n{C}".encode()),
    ],
    ids=[
        *("utf-8", "bom", "utf-16-le", "utf-16-be", "crlf", "utf-16-crlf", "cr", "no-last-end"),
        *("blanks", "gzip", "gzip-utf-16", "gzip-in-two-parts"),
    ],
)
def test_the_lines_of_a_list(path, data):
    assert lines(path, data) == LINES
    assert lines(path, data, after=1) == LINES[1:]
    assert lines(path, data, after=3) == lines(path, data, after=99) == []


def test_gzip_is_known_by_its_bytes_not_by_its_name(tmp_path):
    assert lines(tmp_path / "list.gz", TEXT.encode()) == LINES
    assert lines(tmp_path / "list.txt", gzip.compress(TEXT.encode())) == LINES


def test_blank_lines_and_comments_are_counted_but_not_given(path):
    data = f"# list\n\n{A}\n   \n  # more\n{B}\n#\n{C}".encode()
    assert lines(path, data) == [(3, A), (6, B), (8, C)]
    assert lines(path, data, after=3) == [(6, B), (8, C)]


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"# nothing\n", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0)]
)
def test_lists_that_hold_nothing(path, data):
    assert lines(path, data) == []


def test_a_line_that_is_no_utf8_is_latin1(path):
    data = f"{A}\n".encode() + B.encode("latin-1") + f"\n{C}\n".encode()
    assert lines(path, data) == LINES


def test_a_bad_line_of_a_utf16_list_does_not_end_it(path):
    lone = b"\x00\xd8"  # half a surrogate pair
    data = b"\xff\xfe" + f"{A}\n".encode("utf-16-le") + lone + f"\n{B}\n".encode("utf-16-le")
    found = lines(path, data)
    assert found[0] == (1, A)
    assert found[-1] == (3, B)


def test_a_very_long_line_is_cut_and_the_others_keep_their_numbers(path):
    data = f"{A}\nhttp://h/{'x' * 1_000_000}\n{C}\n".encode()
    found = lines(path, data)
    assert all(len(text) <= 64 * 1024 for _, text in found)
    assert found[0] == (1, A)
    assert found[1][0] == 2
    assert found[-1] == (3, C)


def test_a_long_line_that_is_a_url_is_whole(path):
    url = "http://h/" + "x" * 20_000
    assert lines(path, f"{url}\n".encode()) == [(1, url)]


@pytest.mark.parametrize("at", [-9, 60], ids=["cut", "broken"])
def test_a_broken_gzip_list(path, at):
    data = bytearray(gzip.compress("\n".join(f"{A}{n**5}" for n in range(500)).encode()))
    if at < 0:
        data = data[:at]
    else:
        data[at : at + 20] = bytes(20)
    with pytest.raises((OSError, EOFError)):
        lines(path, bytes(data))


def test_a_list_that_is_not_there(path):
    with pytest.raises(FileNotFoundError):
        list(read_lines(path))
    with pytest.raises(IsADirectoryError):
        list(read_lines(path.parent))


def test_the_signature_changes_with_the_list(path):
    path.write_text(TEXT)
    before = signature(path)
    assert signature(path) == before
    status = path.stat()

    def changed(text: str, mtime: int) -> str:
        path.write_text(text)
        os.utime(path, ns=(status.st_atime_ns, mtime))
        return signature(path)

    assert changed(TEXT, status.st_mtime_ns) == before
    found = {
        before,
        changed(TEXT + A, status.st_mtime_ns),
        changed(TEXT, status.st_mtime_ns + 1_000_000_000),
        changed(TEXT.replace("http", "HTTP"), status.st_mtime_ns),
    }
    assert len(found) == 4
