"""What did the server do, and what has arrived in spite of it?"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from imagecrawl.demo.faults import describe
from imagecrawl.demo.faultserver import FaultServer, Hit
from imagecrawl.demo.gallery import DEAD_LINK
from imagecrawl.stores.manifest import FAILED, IMAGES

_EXAMPLES = 3
_DESCRIPTION = 43
_MISSING_SHOWN = 10


@dataclass(frozen=True)
class Report:
    """What is where after a crawl of the gallery."""

    store: Path
    hits: Sequence[Hit]
    files: dict[str, Path]
    """The images that are on disk with the very bytes of the server, by path on the server."""
    missing: dict[str, str]
    """The others, and what is wrong with them."""
    given_up: dict[str, str]
    """What the crawl says it could not get, and why."""
    exit_code: int

    @property
    def problems(self) -> list[str]:
        """What is not as it should be, a line each."""
        if not self.hits:
            return ["the crawl could not start"]
        lines = []
        if self.exit_code != 0:
            lines.append(f"the crawl ended with exit code {self.exit_code}")
        paths = list(self.missing)
        for path in paths[:_MISSING_SHOWN]:
            lines.append(f"{path} {self.missing[path]}")
        if len(paths) > _MISSING_SHOWN:
            lines.append(f"{len(paths) - _MISSING_SHOWN} more images")
        if DEAD_LINK not in self.given_up:
            lines.append(f"the dead link {DEAD_LINK} is not in {FAILED}")
        return lines

    def lines(self) -> Iterator[str]:
        """Yield the report, line by line: nothing if no request was made."""
        if not self.hits:
            return
        yield ""
        yield from self._fault_table()
        total = len(self.files) + len(self.missing)
        yield ""
        yield f"{len(self.files)} of {total} images are on disk, byte for byte"
        for path, reason in self.given_up.items():
            kind = "a dead link" if path == DEAD_LINK else "given up"
            yield f"{kind}, and listed as such: {path} ({reason})"
        yield self._requests()
        yield f"folder: {self.store}"
        for file in list(self.files.values())[:_EXAMPLES]:
            yield f"  {file.relative_to(self.store)}"
        yield f"  {IMAGES} says what each is, {FAILED} what is missing"

    def _fault_table(self) -> Iterator[str]:
        faults = Counter(hit.fault for hit in self.hits if hit.fault)
        yield f"{'what the server did on purpose':<{_DESCRIPTION + 19}} times  arrived"
        for fault, times in faults.items():
            paths = {hit.path for hit in self.hits if hit.fault == fault}
            here = sum(path in self.files for path in paths)
            arrived = f"{here} of {len(paths)}"
            yield f"  {fault:<17} {describe(fault):<{_DESCRIPTION}} {times:>4}  {arrived}"

    def _requests(self) -> str:
        pages = sum(hit.path.endswith(".html") for hit in self.hits)
        images = sum(hit.path in self.files or hit.path in self.missing for hit in self.hits)
        others = len(self.hits) - pages - images
        return (
            f"{len(self.hits)} requests: {images} for the images, {pages} for pages, "
            f"{others} for the dead link and robots.txt"
        )


def examine(
    server: FaultServer, urls: Sequence[str], store: Path, job: str, exit_code: int
) -> Report:
    """Compare what is in *store* with what *server* holds."""
    listed = {_path(line["url"]): line["path"] for line in _lines(store / IMAGES, job)}
    files, missing = {}, {}
    for path in map(_path, urls):
        file = store / listed[path] if path in listed else None
        if file is None:
            missing[path] = f"is not in {IMAGES}"
        elif not file.is_file():
            missing[path] = "is not on disk"
        elif sha256(file.read_bytes()) != sha256(server.body(path)):
            missing[path] = "is on disk with other bytes than the server's"
        else:
            files[path] = file
    given_up = {_path(line["url"]): line["reason"] for line in _lines(store / FAILED, job)}
    return Report(store, server.hits(), files, missing, given_up, exit_code)


def sha256(data: bytes) -> str:
    """Return the digest under which the store keeps *data*."""
    return hashlib.sha256(data).hexdigest()


def _path(url: str) -> str:
    return urlsplit(url).path


def _lines(file: Path, job: str) -> Iterator[dict[str, Any]]:
    """Yield what a list beside the images has of *job*; nothing if there is no list."""
    if not file.exists():
        return
    for line in file.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if record.get("job") == job:
            yield record
