"""Was a compressed body cut?

Scrapy unpacks what has come, and tells nobody that there should have been more; so do most
libraries. Here only the end is looked for, of the data and not of the checksum behind it: some
servers never send that, and no byte of the page is missing.
"""

from __future__ import annotations

import importlib
import sys
import zlib
from collections.abc import Generator
from typing import Any

_CHUNK = 1 << 16
_GZIP = b"\x1f\x8b"
_TRAILER = 8
_CRC, _EXTRA, _NAME, _COMMENT = 2, 4, 8, 16


def is_cut(body: bytes, encoding: str, max_bytes: int = 0) -> bool:
    """Tell whether *body*, in the content *encoding*, ends before its data does.

    Not for what is broken in another way, for an encoding that nobody knows, or beyond
    *max_bytes* (0: no limit): whoever unpacks it says so.
    """
    ends = _ENDS.get(encoding)
    if ends is None or not body:
        return False
    try:
        size = 0
        for chunk in (steps := ends(body)):
            size += chunk
            if max_bytes and size > max_bytes:
                steps.close()
                return False
    except EOFError:
        return True
    except Exception:  # each codec has its own
        return False
    return False


def _deflated(data: bytes) -> Generator[int, None, bytes]:
    """Unpack raw deflate; yield the sizes of the pieces, and return what is behind it."""
    codec = zlib.decompressobj(wbits=-15)
    while not codec.eof:
        piece = codec.decompress(data, _CHUNK)
        data = codec.unconsumed_tail
        if not piece and not data and not codec.eof:
            raise EOFError
        yield len(piece)
    return codec.unused_data


def _gzip(body: bytes) -> Generator[int, None, None]:
    while body and _GZIP.startswith(body[:2]):  # several members in a row are one body
        rest = yield from _deflated(body[_header(body) :])
        body = rest[_TRAILER:]


def _header(body: bytes) -> int:
    """Return how long the header of a gzip member is (RFC 1952)."""
    if len(body) < 10:
        raise EOFError
    flags, at = body[3], 10
    if flags & _EXTRA:
        at += 2 + int.from_bytes(body[at : at + 2], "little")
    for text in (_NAME, _COMMENT):
        if flags & text:
            end = body.find(b"\0", at)
            if end < 0:
                raise EOFError
            at = end + 1
    return at + (2 if flags & _CRC else 0)


def _deflate(body: bytes) -> Generator[int, None, None]:
    # The standard wants zlib's header; some servers leave it out.
    zlibs = len(body) > 1 and body[0] & 15 == 8 and int.from_bytes(body[:2], "big") % 31 == 0
    yield from _deflated(body[2:] if zlibs else body)


def _brotli(body: bytes) -> Generator[int, None, None]:
    codec = _first("brotli", "brotlicffi").Decompressor()
    piece = codec.process(body, output_buffer_limit=_CHUNK)
    while not codec.is_finished():
        yield len(piece)
        piece = codec.process(b"", output_buffer_limit=_CHUNK)
        if not piece and not codec.is_finished():
            raise EOFError


def _zstd(body: bytes) -> Generator[int, None, None]:
    codec = _first("compression.zstd", "backports.zstd").ZstdDecompressor()
    while not codec.eof:
        piece = codec.decompress(body, _CHUNK)
        body = b""
        if not piece and codec.needs_input and not codec.eof:
            raise EOFError
        yield len(piece)


def _first(*names: str) -> Any:
    """Return the first of the modules that is there: Scrapy needs one of them itself."""
    for name in names:
        if name in sys.modules:
            return sys.modules[name]
    for name in names[:-1]:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return importlib.import_module(names[-1])


_ENDS: dict[str, Any] = {
    **dict.fromkeys(("gzip", "x-gzip"), _gzip),
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
