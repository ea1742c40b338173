"""Was a compressed body cut?"""

from __future__ import annotations

import gzip
import importlib
import io
import random
import sys
import zlib

import brotli
import pytest

from imagecrawl.compression import is_cut

_ZSTD = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
PAGE = random.Random(1).randbytes(50_000) + b"<p>page</p>" * 20_000


def named(data: bytes) -> bytes:
    file = io.BytesIO()
    with gzip.GzipFile("page.html", "wb", fileobj=file) as packed:
        packed.write(data)
    return file.getvalue()


def raw(data: bytes) -> bytes:
    codec = zlib.compressobj(wbits=-15)
    return codec.compress(data) + codec.flush()


PACKED = {
    "gzip": gzip.compress(PAGE),
    "x-gzip": named(PAGE),
    "gzip ": gzip.compress(PAGE[:100]) + gzip.compress(PAGE[100:]),
    "deflate": zlib.compress(PAGE),
    "deflate ": raw(PAGE),
    "br": brotli.compress(PAGE, quality=4),
    "zstd": importlib.import_module(_ZSTD).compress(PAGE),
}


@pytest.mark.parametrize("name", PACKED)
def test_cut_anywhere_and_whole(name: str) -> None:
    packed, encoding = PACKED[name], name.strip()
    assert not is_cut(packed, encoding)
    for end in (1, 5, 11, 200, len(packed) // 2, len(packed) - 20):
        assert is_cut(packed[:end], encoding), end


def test_without_its_checksum_no_byte_is_missing() -> None:
    assert not is_cut(PACKED["gzip"][:-8], "gzip")
    assert not is_cut(PACKED["gzip"][:-3], "gzip")
    assert not is_cut(PACKED["deflate"][:-4], "deflate")
    assert not is_cut(PACKED["gzip"] + b"\0" * 100, "gzip")


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "identity", "x"])
def test_what_is_something_else_is_not_cut(encoding: str) -> None:
    assert not is_cut(b"", encoding)
    assert not is_cut(b"<html>not packed at all</html>", encoding)


def test_not_beyond_the_limit() -> None:
    assert not is_cut(gzip.compress(bytes(10_000_000))[:-20], "gzip", 1_000_000)
