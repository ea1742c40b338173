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
    root: Path, name: str, job: str, job_id: str, records: Iterable[dict[str, Any]]
) -> int:
    """Write *records* to ``root/name``, a JSON object a line, with the ``job`` and ``job_id``.

    Several jobs may share a store: the lines of other jobs are kept, those of *job_id*
    replaced. Returns how many lines it has. Replaced by a rename: a reader never sees half.
    """
    path = root / name
    temporary = root / f".{name}.{job_id}.part"
    encode = msgspec.json.Encoder().encode
    own = {"job": job, "job_id": job_id}
    count = 0
    with _writers_lock(root):
        with temporary.open("wb") as file:
            for line in _others(path, job_id):
                file.write(line)
            for record in records:
                taken = own.keys() & record.keys()  # the item's, not ours
                record = {**record, **{f"item_{key}": record[key] for key in taken}, **own}
                file.write(encode(record) + b"\n")
                count += 1
        temporary.replace(path)
    return count


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
                whose = msgspec.json.decode(line).get("job_id")
            except (msgspec.DecodeError, UnicodeDecodeError, AttributeError):
                continue  # not a line of ours
            if whose != job_id:
                yield line if line.endswith(b"\n") else line + b"\n"
