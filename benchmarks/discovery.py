"""How much of a page's images is found, and what does that cost?

    python -m benchmarks.discovery [recall] [cost] [growth] [--only WORD]

``recall``: the saved pages of ``tests/pages``, against what Chromium loads of them.
``cost``: CPU of a page of 200 kB with 100 images, beside ``img@src`` by parsel, in turns.
``growth``: CPU seconds per MB for larger and larger pages: the same number in a row is linear
cost. Each page is read in a process of its own, which is ended after a minute of CPU time.
"""

from __future__ import annotations

import argparse
import gc
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from scrapy.http import HtmlResponse

from benchmarks.discovery_pages import HOSTILE, article
from imagecrawl.discovery.candidates import ImageCandidate
from imagecrawl.discovery.document import Document
from imagecrawl.discovery.images import ImageExtractor
from tests.browser.pageset import SITE, all_pages
from tests.discovery.recall import score

ROOT = Path(__file__).resolve().parents[1]
MB = 1_000_000
LIMIT_SECS = 60


def img_src(response: HtmlResponse) -> Iterable[ImageCandidate]:
    """Return what a spider of three lines finds."""
    try:
        sources = response.css("img::attr(src)").getall()
        urls = {response.urljoin(source.strip()): None for source in sources if source}
    except ValueError:
        return []
    return [ImageCandidate(url, "img@src") for url in urls if url.startswith("http")]


def libxml2_tree(response: HtmlResponse) -> Iterable[ImageCandidate]:
    """Return what our rules find in the tree that parsel builds, which is libxml2's."""
    try:
        html = response.selector.get()
    except ValueError:
        return []
    headers = {"Content-Type": "text/html; charset=utf-8"}
    return ImageExtractor().extract(
        HtmlResponse(response.url, body=html.encode("utf-8", "replace"), headers=headers)
    )


def parse(response: HtmlResponse) -> Iterable[ImageCandidate]:
    """Build the tree only."""
    Document(response.text, response.url)
    return []


def parse_libxml2(response: HtmlResponse) -> Iterable[ImageCandidate]:
    assert response.selector is not None
    return []


EXTRACTORS: dict[str, Callable[[HtmlResponse], Iterable[ImageCandidate]]] = {
    "img@src": img_src,
    "our rules, parsel's tree": libxml2_tree,
    "imagecrawl": ImageExtractor().extract,
}
PARSERS = {"parsel's parser": parse_libxml2, "Lexbor": parse}


def response(text: str) -> HtmlResponse:
    headers = {"Content-Type": "text/html; charset=utf-8"}
    return HtmlResponse(f"{SITE}/a/b.html", body=text.encode(), headers=headers)


def cpu_seconds(extract: Callable[[HtmlResponse], object], text: str) -> float:
    page = response(text)
    gc.collect()
    before = time.process_time()
    extract(page)
    return time.process_time() - before


def recall() -> None:
    for name, extract in EXTRACTORS.items():
        result = score(extract, all_pages())
        counts = ", ".join(f"{k} {a}/{b}" for k, (a, b) in sorted(result.declared.items()))
        print(
            f"{name:>25}: recall {result.recall:.2%} of {result.loaded}, "
            f"precision {result.precision:.2%} of {result.candidates}; {counts}"
        )


def cost(rounds: int = 25) -> None:
    text = article(200_000, images=100)
    contenders = {**EXTRACTORS, **PARSERS}
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, extract in contenders.items():
            times[name].append(cpu_seconds(extract, text))
    for name, seconds in times.items():
        ratios = [a / b for a, b in zip(seconds, times["img@src"], strict=True)]
        milliseconds = statistics.median(seconds) * 1000
        print(f"{name:>25}: {milliseconds:6.1f} ms, {statistics.median(ratios):.2f} of img@src")


def measured(name: str, size: int) -> str:
    """Return the CPU seconds per MB of one page, read in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.discovery", "--one", name, str(size)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or ("killed" if done.returncode < 0 else "error")


def growth(only: str) -> None:
    rows = {"article": (1, 2, 4, 8, 10), "images, all different": (2.6,), "nested div": (0.25,)}
    print(f"{'CPU seconds per MB of page':>30}  (100,000 images are 2.6 MB, 50,000 div 0.25 MB)")
    for name in ("article", *HOSTILE):
        sizes = sorted({*rows.get(name, ()), *((1, 2, 4) if name != "article" else ())})
        if only in name:
            print(f"{name:>30}:", end="", flush=True)
            for size in sizes:
                print(f"  {size} MB {measured(name, int(size * MB))}", end="", flush=True)
            print()


def one(name: str, size: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT_SECS, LIMIT_SECS))
    text = article(size) if name == "article" else HOSTILE[name](size)
    seconds = cpu_seconds(ImageExtractor().extract, text)
    print(f"{seconds / (len(text) / MB):.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help="recall, cost, growth; all of them without")
    parser.add_argument("--only", default="", help="the rows of growth with this word")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        one(options.one[0], int(options.one[1]))
        return
    parts = options.parts or ["recall", "cost", "growth"]
    if "recall" in parts:
        recall()
    if "cost" in parts:
        cost()
    if "growth" in parts:
        growth(options.only)


if __name__ == "__main__":
    main()
