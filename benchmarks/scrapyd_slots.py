"""Does a node lose slots? Many small jobs, one after another, on a real Scrapyd.

    python -m benchmarks.scrapyd_slots BIN [JOBS]

BIN is the ``bin`` folder of an environment made as docs/deploy.md says. Every tenth job cannot
start (a wrong argument), and every tenth is cancelled as soon as it is scheduled. Printed are the
slots in use at the end, and what Scrapyd itself has grown by.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from imagecrawl.demo.faultserver import FaultServer
from tests.crawl.sites import add_images
from tests.scrapyd.node import ScrapydNode, copy_project


def main(binaries: Path, count: int) -> None:
    with tempfile.TemporaryDirectory() as folder, FaultServer() as server:
        project = copy_project(Path(folder) / "project")
        node = ScrapydNode(
            *(Path(folder), binaries), max_proc="2", finished_to_keep="10000", jobs_to_keep="10000"
        ).start()
        try:
            print(node.client(project, "scrapyd-deploy").stdout.strip())
            add_images(server, count)
            before, began = size(node), time.monotonic()
            jobs = [begin(node, server, n) for n in range(count)]
            finished = 0
            while finished < count - count // 10:
                time.sleep(1)
                status = node.ask("daemonstatus")
                finished = status["finished"]
                if not status["running"] and not status["pending"]:
                    break
            seconds = time.monotonic() - began
            print(f"{len(jobs)} jobs, {finished} finished, in {seconds:.0f} s: {status}")
            print(f"images: {len(node.files())}; Scrapyd (MiB, files): {before} -> {size(node)}")
        finally:
            node.stop()


def begin(node: ScrapydNode, server: FaultServer, number: int) -> str:
    arguments = {"start_urls": server.url(f"/{number}.jpg"), "job": f"job{number}"}
    job = node.schedule(**arguments, **({"colour": "red"} if number % 10 == 3 else {}))
    if number % 10 == 7:
        node.post("cancel", job=job)
    return job


def size(node: ScrapydNode) -> tuple[int, int]:
    """Return what Scrapyd takes of memory, and how many files it has open."""
    assert node.process is not None
    place = Path(f"/proc/{node.process.pid}")
    (line,) = [x for x in (place / "status").read_text().splitlines() if x.startswith("VmRSS")]
    return int(line.split()[1]) // 1024, len(list((place / "fd").iterdir()))


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), int(sys.argv[2]) if len(sys.argv) > 2 else 500)
