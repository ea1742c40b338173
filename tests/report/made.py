"""Jobs as a crawl leaves them, made without one.

``python -m tests.report.made FOLDER COUNT [SIDE]`` makes a large one, writes its report, and says
how long that took and how large it is.
"""

from __future__ import annotations

import hashlib
import io
import json
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from PIL import Image

from imagecrawl.frontier.entry import Entry, Pause, Settlement
from imagecrawl.frontier.sqlite import SqliteFrontier
from imagecrawl.jobs.again import Commands
from imagecrawl.jobs.known import KnownJob, job_in
from imagecrawl.outcomes import Kind, Outcome
from imagecrawl.report.write import report_path, write_report

BEGAN = 1_790_000_000.0
COMMAND = "scrapy crawl images -a job=made -a retry_failed=all"
COMMANDS = Commands(COMMAND, "scrapy failures --job made", "scrapy report --job made")


def picture(number: int, side: int = 64, format: str = "JPEG") -> bytes:
    """Return a picture that is unlike others, and about as hard to compress as a photograph."""
    rng = random.Random(number)
    small = Image.effect_noise((side // 8, side * 3 // 32), 60).convert("RGB")
    tint = Image.new("RGB", small.size, tuple(rng.randrange(256) for _ in range(3)))
    image = Image.blend(small, tint, 0.6).resize((side, side * 3 // 4), Image.Resampling.BICUBIC)
    out = io.BytesIO()
    image.save(out, format)
    return out.getvalue()


class MadeJob:
    """A job in *folder*/job, with its store beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "job"
        self.store = folder / "store"
        self.folder.mkdir(parents=True)
        self.store.mkdir(parents=True)
        manifest = {"spider": "images", "store": str(self.store), "args": {}, "id": "0123abcd"}
        (self.folder / "job.json").write_text(json.dumps(manifest))
        self.frontier = SqliteFrontier(self.folder / "frontier.sqlite")
        self.closed = False
        self._count = 0

    def pending(self, url: str, host: str = "h.example", kind: Kind = Kind.IMAGE) -> None:
        """Discover an entry that has not ended."""
        self._count += 1
        fingerprint = hashlib.sha1(f"{self._count} {url}".encode("utf-8", "replace")).digest()
        self.frontier.enqueue([Entry(fingerprint, kind, host, url, b"request")])

    def end(self, url: str, settlement: Settlement, *, at: float = 0.0, **entry: Any) -> None:
        """Discover an entry and end it, *at* seconds after the job began."""
        self.pending(url, **entry)
        (leased,) = self.frontier.lease(1, BEGAN, lambda host: 1)
        self.frontier.settle(leased, settlement, [], BEGAN + at)

    def image(self, url: str, body: bytes = b"", *, at: float = 0.0, **known: Any) -> None:
        """Add an image; *known* is what its record says besides."""
        path = str(known.pop("path", f"full/{self._count}.jpg"))
        (self.store / path).parent.mkdir(parents=True, exist_ok=True)
        if body:
            (self.store / path).write_bytes(body)
        host = known.pop("host", "h.example")
        outcome = known.pop("outcome", Outcome.STORED)
        record = {"url": url, "path": path, "bytes": len(body), "format": "JPEG", **known}
        self.end(url, Settlement(outcome, record=msgspec.json.encode(record)), at=at, host=host)

    def failure(self, url: str, reason: str, message: str = "", **more: Any) -> None:
        self.end(url, Settlement(Outcome.FAILED, reason, message), **more)

    def paused(self, host: str, began: float, secs: float, reason: str = "http_429") -> None:
        self.frontier.host_table.note_pause(
            Pause(host, BEGAN + began, BEGAN + began + secs, reason)
        )

    def close(self) -> KnownJob:
        """Return the job as the commands find it."""
        if not self.closed:
            self.frontier.close()
        self.closed = True
        job = job_in(self.folder)
        assert job is not None
        return job


_WORDS = (
    *("green", "field", "house", "at", "night", "with", "a", "bicycle", "under", "the", "old"),
    *("bridge", "café", "über", "桜", "&", "co"),
)
_REASONS = (
    ("http_404", "HTTP status 404"),
    ("reset", "Connection reset by peer"),
    ("truncated", "10240 of 20480 bytes"),
    ("host_down", "no answer for 1800 s"),
)


def large(folder: Path, count: int, bodies: Sequence[bytes]) -> MadeJob:
    """Return a job of *count* images on some hosts, one in twenty of which has failed."""
    rng = random.Random(1)
    job = MadeJob(folder)
    for number in range(count):
        host = f"images{min(int(rng.expovariate(0.4)), 40)}.example.com"
        url = f"https://{host}/catalogue/{number // 40}/item-{number:06}-large.jpg?w=1200&h=900"
        at = number * 7200 / count + (900 if number > count * 0.6 else 0)
        if number % 20 == 3:
            job.failure(url, *rng.choice(_REASONS), at=at, host=host)
        elif number % 97 == 5:
            job.end(url, Settlement(Outcome.OPTED_OUT, "robots_txt", "robots.txt"), host=host)
        else:
            body = bodies[number % len(bodies)]
            path = f"full/{number % len(bodies):02x}.jpg"
            page = f"https://www.example.com/catalogue/{number // 40}/some-page-of-the-shop.html"
            alt = " ".join(rng.choices(_WORDS, k=rng.randrange(9)))
            outcome = Outcome.DUPLICATE if number % 13 == 0 else Outcome.STORED
            known = {"page_url": page, "alt": alt, "width": 800, "height": 600, "host": host}
            job.image(url, body, at=at, path=path, outcome=outcome, **known)
    for number in range(60):
        job.paused(f"images{number % 7}.example.com", rng.uniform(0, 8000), rng.expovariate(0.02))
    return job


def main() -> None:
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    side = int(sys.argv[3]) if len(sys.argv) > 3 else 800
    job = large(folder, count, [picture(n, side) for n in range(200)]).close()
    began = time.monotonic()
    write_report(job, COMMANDS, report_path(job))
    took = time.monotonic() - began
    print(f"{report_path(job)}: {took:.2f} s, {report_path(job).stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
