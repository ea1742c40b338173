"""Which files beside the images say what they are, and what is missing?"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock

IMAGES = "images.jsonl"
FAILED = "failed.jsonl"


def write_manifest(
    root: Path, name: str, job: str, job_id: str, records: Iterable[dict[str, Any] | bytes]
) -> int:
    """Write *records* (some may be JSON already) to ``root/name``, a JSON object a line, with the
    ``job`` and ``job_id``.

    Several jobs may share a store: the lines of other jobs are kept, those of *job_id*
    replaced. Returns how many lines it has. Replaced by a rename: a reader never sees half.
    """
    path = root / name
    temporary = root / f".{name}.{job_id}.part"
    own = {"job": job, "job_id": job_id}
    count = 0
    with _writers_lock(root):
        try:
            with temporary.open("wb") as file:
                file.writelines(_others(path, job_id))
                for line in _lines(records, own):
                    file.write(line)
                    count += 1
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)  # what a full disk has no use for
    return count


def _lines(records: Iterable[dict[str, Any] | bytes], own: dict[str, str]) -> Iterator[bytes]:
    encode = msgspec.json.Encoder().encode
    tail = b"," + encode(own)[1:] + b"\n"
    for record in records:
        if isinstance(record, bytes):
            if b'"job' not in record:  # nearly always: a million need not be taken apart
                yield record[:-1] + tail
                continue
            record = msgspec.json.decode(record)
        taken = own.keys() & record.keys()  # the item's, not ours
        record = {**record, **{f"item_{key}": record[key] for key in taken}, **own}
        yield encode(record) + b"\n"


class _Whose(msgspec.Struct):
    job_id: str | None = None


_whose = msgspec.json.Decoder(_Whose)


@contextmanager
def _writers_lock(root: Path) -> Iterator[None]:
    # The folder itself: it holds for every user and TMPDIR, and leaves no file behind, which
    # could not be removed without a race. Where a folder cannot be locked (Windows, NFS), a file.
    digest = hashlib.sha256(str(root).encode()).hexdigest()[:16]
    with ExitStack() as held:
        try:
            _lock_folder(root, held)
        except OSError:
            name = f"imagecrawl-{digest}.lock"
            held.enter_context(FileLock(Path(tempfile.gettempdir()) / name))
        yield


def _lock_folder(root: Path, held: ExitStack) -> None:
    if sys.platform == "win32":
        raise OSError("there is no flock")
    import fcntl

    folder = os.open(root, os.O_RDONLY)
    held.callback(os.close, folder)
    fcntl.flock(folder, fcntl.LOCK_EX)


def _others(path: Path, job_id: str) -> Iterator[bytes]:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        for line in file:
            try:
                whose = _whose.decode(str(line, "utf-8")).job_id
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue  # not a line of ours
            if whose != job_id:
                yield line if line.endswith(b"\n") else line + b"\n"
