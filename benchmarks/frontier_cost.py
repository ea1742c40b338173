"""What does the frontier cost? CPU microseconds per entry for enqueue, lease, claim and settle.

    python -m benchmarks.frontier_cost [--entries 10000 1000000] [--no-claim]

Entries come in by lists of 100, are leased a few at a time as slots get free, and are settled
one by one with a record, as in a crawl. Encoding and decoding the Request are included.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
from pathlib import Path

from scrapy import Request, Spider

from imagecrawl.frontier.codec import RequestCodec
from imagecrawl.frontier.entry import Entry, Settlement
from imagecrawl.frontier.sqlite import SqliteFrontier
from imagecrawl.outcomes import Kind, Outcome

RECORD = b'{"path": "full/00/%s.jpg", "bytes": 98304, "width": 800, "height": 600}' % (b"0" * 64)


def entries(codec: RequestCodec, first: int, count: int, hosts: int) -> list[Entry]:
    made = []
    for n in range(first, first + count):
        url = f"https://host{n % hosts}.example/images/{n}.jpg"
        request = Request(url, meta={"image": {"page_url": "https://host.example/"}})
        fingerprint = hashlib.sha1(url.encode(), usedforsecurity=False).digest()
        made.append(Entry(fingerprint, Kind.IMAGE, f"host{n % hosts}", url, codec.encode(request)))
    return made


def work(frontier: SqliteFrontier, codec: RequestCodec, count: int, claim: bool) -> None:
    for _ in range(count // 4):
        leased = frontier.lease(4, time.time(), lambda host: 8)
        for entry in leased:
            codec.decode(entry.request)
            content = hashlib.sha256(entry.fingerprint).digest() if claim else None
            if content is not None:
                frontier.claim(content, entry.id)
            end = Settlement(Outcome.STORED, record=RECORD, content=content)
            frontier.settle(entry, end, (), time.time())


def measure(total: int, sample: int, hosts: int = 50, claim: bool = True) -> dict[str, float]:
    """Return CPU microseconds per entry, over the last *sample* of *total* entries."""
    codec = RequestCodec(Spider("bench"), {})
    with tempfile.TemporaryDirectory() as folder:
        frontier = SqliteFrontier(Path(folder) / "frontier.sqlite")
        done = 0
        while done < total - sample:  # the ledger that is there already
            frontier.enqueue(entries(codec, done, 1000, hosts))
            work(frontier, codec, 1000, claim)
            done += 1000
        costs = {"enqueue": 0.0, "lease, claim, settle": 0.0}
        for first in range(done, total, 100):
            start = time.process_time()
            frontier.enqueue(entries(codec, first, 100, hosts))
            middle = time.process_time()
            work(frontier, codec, 100, claim)
            costs["enqueue"] += middle - start
            costs["lease, claim, settle"] += time.process_time() - middle
        frontier.close()
    micro = {name: cost / sample * 1e6 for name, cost in costs.items()}
    return {**micro, "together": sum(micro.values())}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--no-claim", action="store_true", help="leave out the content index")
    options = parser.parse_args()
    sizes, claim = options.entries, not options.no_claim
    results = [measure(size, min(size, 10_000), claim=claim) for size in sizes]
    for size, result in zip(sizes, results, strict=True):
        costs = ", ".join(f"{name} {cost:.0f} us" for name, cost in result.items())
        print(f"{size:>9,} entries: {costs} CPU per entry")
    if len(results) > 1:
        ratio = results[-1]["together"] / results[0]["together"]
        print(f"ratio of the last to the first: {ratio:.2f}")


if __name__ == "__main__":
    main()
