"""Which bytes does a list have, once it is decompressed?"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd  # which Scrapy brings along

# The bytes decide, never the name. Zstandard may begin with a frame that is to be skipped.
_BY_MAGIC: tuple[tuple[re.Pattern[bytes], Any], ...] = (
    (re.compile(rb"\x1f\x8b"), lambda file: gzip.GzipFile(fileobj=file)),
    (re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)"), bz2.BZ2File),
    (re.compile(rb"\xfd7zXZ\x00"), lzma.LZMAFile),
    (re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18", re.DOTALL), zstd.ZstdFile),
)
_MAGIC_BYTES = 16


class _Decompressed(io.RawIOBase):
    """The bytes in a compressed file. Several streams in a row are one, as for ``zcat``."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            # One step at a time: what comes before a damage is not lost with it.
            data = self._file.read1(len(buffer))
        except EOFError:
            raise OSError("it is cut: its compressed data ends too early") from None
        except OSError:
            raise
        except Exception as error:  # each library has errors of its own
            raise OSError(f"its compressed data is damaged: {error}") from error
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


@contextlib.contextmanager
def open_bytes(path: Path) -> Iterator[io.BufferedReader]:
    """Open *path* for reading what it holds: gzip, bzip2, xz and Zstandard are undone.

    Raises :exc:`OSError`, also while it is read, for whatever is wrong with it.
    """
    with path.open("rb") as file:
        magic = file.read(_MAGIC_BYTES)
        file.seek(0)
        for pattern, opener in _BY_MAGIC:
            if pattern.match(magic):
                with io.BufferedReader(cast(Any, _Decompressed(opener(file)))) as opened:
                    yield opened
                return
        yield file
