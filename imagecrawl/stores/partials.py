"""Where is half a file kept until the other half comes?

Two files for each: the bytes, and a note of how many of them count. The note is written after
the bytes are safely on disk; so neither a kill nor a power cut leaves bytes that were never sent.
"""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import BinaryIO

import msgspec
from scrapy.utils.datatypes import LocalCache

from imagecrawl.policies.ranges import Representation

_MOST_REACHED = 100_000
"""Of more bodies than these that never came whole, the first may make the same progress twice."""
_KEY = re.compile(r"[0-9a-f]{16,64}\Z")


class _Note(msgspec.Struct):
    representation: Representation
    length: int


class Partial:
    """The committed beginning of a body."""

    def __init__(self, representation: Representation, length: int, path: Path) -> None:
        self.representation = representation
        self.length = length
        self._path = path

    def read(self) -> bytes:
        """Return the bytes. Raises :exc:`OSError` if they are not all there."""
        with self._path.open("rb") as file:
            data = file.read(self.length)
        if len(data) != self.length:
            raise OSError(f"{self._path} is shorter than it was")
        return data


class PartialWriter:
    """Keeps what comes. A disk that is full ends the keeping, not the download."""

    def __init__(self, store: PartialStore, key: str, about: Representation, have: int) -> None:
        self._store = store
        self._key = key
        self._about = about
        self._length = have
        self._file: BinaryIO | None = None
        if not have:
            store.drop(key)  # the note first: it must never vouch for other bytes
        try:
            self._file = store.data(key).open("r+b" if have else "wb")
            self._file.truncate(have)
            self._file.seek(have)
        except OSError:
            self._end()

    def write(self, data: bytes) -> None:
        if self._file is None:
            return
        try:
            self._file.write(data)
            self._length += len(data)
        except OSError:
            self.discard()

    def commit(self) -> int:
        """Make what came count; return how many bytes that are, 0 if it could not be kept."""
        if self._file is None:
            return 0
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._store.note(self._key, _Note(self._about, self._length))
        except OSError:
            self.discard()
            return 0
        self._end()
        return self._length

    def discard(self) -> None:
        """Forget all of it."""
        self._end()
        self._store.drop(self._key)

    def _end(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError):
                file.close()
        self._store.close(self._key)


class PartialStore:
    """Partial bodies by key (a hexadecimal digest), of *max_bytes* in all."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._open: dict[str, int] = {}
        self._noted = {path.stem for path in self._files(".json")}
        """The keys with a note: the disk need not be asked for all the others."""
        self._reached: LocalCache[str, int] = LocalCache(_MOST_REACHED)

    @property
    def knows_nothing(self) -> bool:
        """Whether all that was ever cut is whole by now: no key need be looked up."""
        return not self._noted and not self._reached

    def reached(self, key: str, length: int) -> int:
        """Note that *length* bytes of a body have come; return how many that are more than ever
        before: one that is sent from its beginning again and again makes no progress."""
        gained = length - self._reached.get(key, 0)
        if gained > 0:
            self._reached[key] = length
        return max(0, gained)

    def data(self, key: str) -> Path:
        return self._folder / f"{key}.part"

    def begin(self, key: str, about: Representation) -> PartialWriter | None:
        """Return a writer for a new body, ``None`` when there is no room for it."""
        return self._writer(key, about, 0)

    def resume(self, key: str) -> Partial | None:
        """Return what is kept under *key*, if anything."""
        if key not in self._noted or key in self._open or not _KEY.match(key):
            return None
        try:
            note = msgspec.json.decode(self._note(key).read_bytes(), type=_Note)
            size = self.data(key).stat().st_size
        except (OSError, msgspec.DecodeError):
            return None
        if not 0 < note.length <= min(size, note.representation.total):
            return None
        return Partial(note.representation, note.length, self.data(key))

    def hold(self, key: str) -> Partial | None:
        """Return what is kept under *key*, which nobody else takes or evicts until
        :meth:`close`, or until the writer of :meth:`append` has ended."""
        partial = self.resume(key)
        if partial is not None:
            self._open[key] = partial.length
        return partial

    def append(self, key: str, partial: Partial) -> PartialWriter | None:
        """Return a writer that goes on where *partial*, which is held, ends."""
        self.close(key)
        writer = self._writer(key, partial.representation, partial.length)
        if writer is None:
            self._open[key] = partial.length
        return writer

    def done(self, key: str) -> None:
        """Forget how much of *key* had come: it is there, whole."""
        self._reached.pop(key, None)

    def drop(self, key: str) -> None:
        """Forget what is kept under *key*."""
        self._noted.discard(key)
        for path in (self._note(key), self.data(key)):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what does not count: the leftovers of a process that was killed."""
        for path in self._files():
            if self.resume(path.stem) is None:
                self._noted.discard(path.stem)
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)

    def note(self, key: str, note: _Note) -> None:
        path = self._note(key)
        temporary = path.with_suffix(".new")
        temporary.write_bytes(msgspec.json.encode(note))
        temporary.replace(path)
        self._noted.add(key)

    def close(self, key: str) -> None:
        """Let go of *key*: what is kept under it may be taken, or evicted."""
        self._open.pop(key, None)

    def _note(self, key: str) -> Path:
        return self._folder / f"{key}.json"

    def _writer(self, key: str, about: Representation, have: int) -> PartialWriter | None:
        if key in self._open or not _KEY.match(key) or not self._make_room(key, about.total):
            return None
        self._open[key] = about.total
        return PartialWriter(self, key, about, have)

    def _make_room(self, key: str, wanted: int) -> bool:
        free = self._max_bytes - sum(self._open.values())
        if wanted > free:
            return False
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            kept = [(p.stat().st_mtime, p.stat().st_size, p.stem) for p in self._files(".part")]
        except OSError:
            return False
        kept = sorted(one for one in kept if one[2] != key and one[2] not in self._open)
        total = sum(size for _, size, _ in kept)
        for _, size, other in kept:
            if total + wanted <= free:
                break
            self.drop(other)
            total -= size
        return True

    def _files(self, *suffixes: str) -> list[Path]:
        wanted = suffixes or (".part", ".json", ".new")
        try:
            return [path for path in self._folder.iterdir() if path.suffix in wanted]
        except OSError:
            return []
