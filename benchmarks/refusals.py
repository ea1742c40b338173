"""How many requests are sent into a ban that is spoken in another tongue than a reset?

A host answers five requests a second, with a burst of twelve; then for 20 seconds it gives nothing,
and answers all the same: with a status, a page or nothing in place of each image. 150 images are
wanted of it. Counted on the server.

    python -m benchmarks.refusals [TONGUE ...]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from imagecrawl.demo.gallery import sample_image
from tests.crawl.tongues import PAGE, TONGUES
from tests.rawserver import Asked, RawServer

ROOT = Path(__file__).resolve().parents[1]
IMAGES, RATE, BURST, BAN_SECS = 150, 5.0, 12, 20.0
BODIES = {f"/{n}.jpg": sample_image(n, size=(32, 24)) for n in range(IMAGES)}


class Host:
    """A token bucket, and a ban."""

    def __init__(self, refuse: Callable[[Asked], None]) -> None:
        self.given: Counter[str] = Counter()
        self.into = 0
        self._refuse = refuse
        self._tokens, self._last, self._ends = float(BURST), time.monotonic(), 0.0
        self._lock = threading.Lock()

    def __call__(self, asked: Asked) -> None:
        if asked.path == "/blocked":
            asked.answer(PAGE, Content_Type="text/html")
            return
        with self._lock:
            allowed = self._allows(time.monotonic())
            self.into += not allowed
            self.given[asked.path] += allowed
        time.sleep(0.02)
        if allowed:
            asked.answer(BODIES[asked.path], Content_Type="image/jpeg")
        else:
            self._refuse(asked)

    def _allows(self, now: float) -> bool:
        if now < self._ends:
            return False
        self._tokens = min(BURST, self._tokens + (now - self._last) * RATE)
        self._last = now
        if self._tokens < 1:
            self._ends = now + BAN_SECS
            return False
        self._tokens -= 1
        return True


def measure(tongue: str) -> str:
    host = Host(TONGUES[tongue])
    with RawServer(host) as server, tempfile.TemporaryDirectory() as folder:
        urls = Path(folder, "list.txt")
        urls.write_text("\n".join(map(server.url, BODIES)))
        settings = [f"IMAGES_STORE={folder}/store", f"IMAGECRAWL_JOBS_DIR={folder}/jobs"]
        command = [sys.executable, "-m", "scrapy", "crawl", "images", "-a", f"urls={urls}"]
        command += [word for one in settings for word in ("-s", one)]
        subprocess.run(command, cwd=ROOT, check=False, stderr=subprocess.DEVNULL)
        had = len(list(Path(folder, "store", "full").rglob("*.jpg")))
    return f"{tongue:<16} {had:>4} had, {host.into:>4} requests into the ban"


def main() -> None:
    for tongue in sys.argv[1:] or TONGUES:
        print(measure(tongue), flush=True)


if __name__ == "__main__":
    main()
