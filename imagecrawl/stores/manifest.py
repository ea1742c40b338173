"""Which files beside the images say what they are, and what is missing?"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock

IMAGES = "images.jsonl"
FAILED = "failed.jsonl"


def write_manifest(root: Path, name: str, job: str, records: Iterable[dict[str, Any]]) -> int:
    """Write *records* to ``root/name``, a JSON object a line, each with its ``job``.

    Several jobs may share a store: the lines of other jobs are kept, those of *job* replaced.
    Returns how many lines *job* has. Replaced by a rename: a reader never sees half of it.
    """
    path = root / name
    temporary = root / f".{name}.{job}.part"
    encode = msgspec.json.Encoder().encode
    count = 0
    with _writers_lock(root):
        with temporary.open("wb") as file:
            for line in _others(path, job):
                file.write(line)
            for record in records:
                if "job" in record:  # the item's own, not ours
                    record = {**record, "item_job": record["job"]}
                file.write(encode({**record, "job": job}) + b"\n")
                count += 1
        temporary.replace(path)
    return count


def _writers_lock(root: Path) -> FileLock:
    # Not beside the images: a lock file cannot be removed without a race.
    digest = hashlib.sha256(str(root).encode()).hexdigest()[:16]
    return FileLock(Path(tempfile.gettempdir()) / f"imagecrawl-{digest}.lock")


def _others(path: Path, job: str) -> Iterator[bytes]:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        for line in file:
            try:
                whose = msgspec.json.decode(line).get("job")
            except (msgspec.DecodeError, UnicodeDecodeError, AttributeError):
                continue  # not a line of ours
            if whose != job:
                yield line if line.endswith(b"\n") else line + b"\n"
