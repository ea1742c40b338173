"""What does an image cost? CPU milliseconds per image of 100 kB, beside Scrapy's own pipelines.

    python -m benchmarks.crawl_cost [--images 1000] [--rounds 3]

The same images, from the same server, in alternating rounds: compare the ratios. The CPU time is
that of the crawling process alone (user and system), less that of the same crawl of one image.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from imagecrawl.demo.faultserver import FaultServer
from imagecrawl.demo.gallery import sample_image

ROOT = Path(__file__).resolve().parents[1]

STOCK = """
import sys, scrapy
from scrapy.crawler import AsyncCrawlerProcess

class Stock(scrapy.Spider):
    name = "stock"
    custom_settings = {
        "ITEM_PIPELINES": {"scrapy.pipelines.%(kind)s": 1},
        "%(store)s": sys.argv[2], "CONCURRENT_REQUESTS": 32,
        "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False,
    }
    async def start(self):
        yield scrapy.Request("data:,", dont_filter=True)
    def parse(self, response):
        for url in open(sys.argv[1]).read().split():
            yield {"%(field)s": [url]}

process = AsyncCrawlerProcess({"LOG_LEVEL": "ERROR"})
process.crawl(Stock)
process.start()
"""
KINDS = {
    "FilesPipeline": {
        "kind": "files.FilesPipeline",
        "store": "FILES_STORE",
        "field": "file_urls",
    },
    "ImagesPipeline": {
        "kind": "images.ImagesPipeline",
        "store": "IMAGES_STORE",
        "field": "image_urls",
    },
}


def command(name: str, listed: Path, folder: Path) -> list[str]:
    if name != "imagecrawl":
        return [sys.executable, "-c", STOCK % KINDS[name], str(listed), str(folder / "store")]
    settings = {"IMAGES_STORE": folder / "store", "IMAGECRAWL_JOBS_DIR": folder / "jobs"}
    pairs = [x for key, value in settings.items() for x in ("-s", f"{key}={value}")]
    crawl = ["-m", "scrapy", "crawl", "images", "-a", f"urls={listed}", "-L", "ERROR"]
    # Scrapy's pipelines ask for as much as the server gives; so shall this, for the comparison.
    free = ["-s", "AUTOTHROTTLE_ENABLED=False", "-s", "ROBOTSTXT_OBEY=False"]
    # A job's report has at most 2,000 thumbnails: no cost of each image.
    free += ["-s", "IMAGECRAWL_REPORT_ENABLED=False"]
    return [sys.executable, *crawl, *pairs, *free]


def cpu_seconds(name: str, urls: list[str]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "list.txt"
        listed.write_text("\n".join(urls), encoding="utf-8")
        process = subprocess.Popen(command(name, listed, Path(folder)), cwd=ROOT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, name
        kept = [path for path in (Path(folder) / "store" / "full").rglob("*") if path.is_file()]
        assert len(kept) == len(urls), (name, len(kept))
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    names = ["imagecrawl", *KINDS]
    results: dict[str, list[float]] = {name: [] for name in names}
    with FaultServer() as server:
        body = sample_image(1, size=(900, 700))
        urls = []
        for n in range(options.images):
            # A different comment each: the same content would be stored once.
            comment = b"\xff\xfe\x00\x0a%08d" % n
            server.add(f"/{n}.jpg", body[:2] + comment + body[2:])
            urls.append(server.url(f"/{n}.jpg"))
        for _ in range(options.rounds):
            for name in names:
                cost = cpu_seconds(name, urls) - cpu_seconds(name, urls[:1])
                results[name].append(cost / len(urls) * 1000)
    base = statistics.median(results["FilesPipeline"])
    for name, costs in results.items():
        median = statistics.median(costs)
        print(f"{name:>15}: {median:.2f} ms CPU an image, {median / base:.2f} of FilesPipeline")


if __name__ == "__main__":
    main()
