"""How many requests are sent into a ban? imagecrawl beside stock Scrapy with AutoThrottle.

A host answers two requests a second, with a burst of eight; the one too many is reset, and so is
every connection of the next 30 seconds. 200 images are wanted of it, and 400 of a second host that
is well. Counted on the servers; nothing is timed but the ban itself. (Stock Scrapy is stopped after
400 seconds; it has given up long before.)

    python -m benchmarks.ban [--images 200] [--ban-secs 30] [--skip-stock]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from imagecrawl.demo.faultserver import FaultServer
from imagecrawl.demo.gallery import sample_image

ROOT = Path(__file__).resolve().parents[1]
STOCK = """
import scrapy
class Stock(scrapy.Spider):
    name = "stock"
    custom_settings = {
        "AUTOTHROTTLE_ENABLED": True, "AUTOTHROTTLE_START_DELAY": 0.1, "RETRY_TIMES": 10,
        "CONCURRENT_REQUESTS": 32, "CLOSESPIDER_TIMEOUT": 400,
        "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False,
    }
    async def start(self):
        for url in open(self.urls).read().split():
            yield scrapy.Request(url)
    def parse(self, response):
        pass
"""


@dataclass
class Result:
    name: str
    had: int
    sent: int
    into_ban: int

    def __str__(self) -> str:
        share = 100 * self.into_ban / max(1, self.sent)
        return f"{self.name:<12} {self.had:>5} had, {self.sent:>5} sent, {share:5.1f} % into a ban"


def measure(name: str, images: int, ban_secs: float) -> Result:
    with (
        tempfile.TemporaryDirectory() as folder,
        FaultServer(rate_limit=(2, 8, ban_secs)) as strict,
        FaultServer(latency=0.05) as other,
    ):
        urls = []
        for server, count in ((strict, images), (other, 2 * images)):
            for number in range(count):
                server.add(f"/{number}.jpg", sample_image(number, size=(32, 24)))
                urls.append(server.url(f"/{number}.jpg"))
        path = Path(folder, "list.txt")
        path.write_text("\n".join(urls))
        # Where there is a scrapy.cfg, its settings hold: stock Scrapy starts elsewhere.
        cwd = ROOT if name == "imagecrawl" else folder
        subprocess.run(command(name, path), cwd=cwd, check=False, stderr=subprocess.DEVNULL)
        served = [hit for hit in strict.hits() if hit.fault is None]
        # A connection that the ban has reset before its request could be read is one, too.
        unread = strict.connections - len({hit.connection for hit in strict.hits()})
        refused = len(strict.hits()) - len(served) + unread
        had = len({hit.path for hit in served})
        return Result(name, had, len(served) + refused, refused)


def command(name: str, urls: Path) -> list[str]:
    folder = urls.parent
    scrapy = [sys.executable, "-m", "scrapy"]
    if name == "imagecrawl":
        own = [f"IMAGES_STORE={folder / 'store'}", f"IMAGECRAWL_JOBS_DIR={folder / 'jobs'}"]
        settings = [word for one in own for word in ("-s", one)]
        return [*scrapy, "crawl", "images", "-a", f"urls={urls}", *settings]
    spider = folder / "stock.py"
    spider.write_text(STOCK)
    return [*scrapy, "runspider", str(spider), "-a", f"urls={urls}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--ban-secs", type=float, default=30.0)
    parser.add_argument("--skip-stock", action="store_true")
    options = parser.parse_args()
    for name in ("imagecrawl",) if options.skip_stock else ("stock", "imagecrawl"):
        print(measure(name, options.images, options.ban_secs), flush=True)


if __name__ == "__main__":
    main()
