"""Every command that the README, docs/commands.md and docs/lists.md show does what it says.

(docs/tutorial.md and docs/deploy.md have tests of their own, and so has the demo.)
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow
import pyarrow.parquet

from imagecrawl.demo.faultserver import FaultServer
from imagecrawl.inputs.compression import zstd
from tests.crawl.sites import add_pages
from tests.projectcopy import ROOT, ProjectCopy

DOCUMENTS = ("README.md", "docs/commands.md", "docs/lists.md")
# Without a terminal there is nobody to ask.
REFUSED = {"scrapy jobs --delete catalogue"}


def commands() -> list[str]:
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in DOCUMENTS]
    lines = [line for text in texts for line in re.findall(r"^scrapy .*$", text, re.MULTILINE)]
    return [line for line in dict.fromkeys(lines) if not line.startswith("scrapy demo")]


def put_lists(folder: Path, urls: list[str]) -> None:
    """Write the lists that the documents name into *folder*."""
    (folder / "list.txt").write_text("\n".join([*urls, urls[0] + "?missing"]))
    rows = "\n".join(f"{n},{url}" for n, url in enumerate(urls))
    (folder / "photos.csv").write_text(f"id,photo\n{rows}\n")
    (folder / "shards").mkdir()
    table = pyarrow.table({"url": urls[:2]})
    pyarrow.parquet.write_table(table, folder / "shards/1.parquet")
    lines = "\n".join(json.dumps({"url": url}) for url in urls[2:])
    (folder / "more.jsonl.zst").write_bytes(zstd.compress(lines.encode()))
    (folder / "extra.txt").write_text(urls[0])


def test_the_commands(tmp_path: Path) -> None:
    project = ProjectCopy(tmp_path / "project")
    environment = {**project.environment(), "BROWSER": shutil.which("true") or "true"}
    with FaultServer() as server:
        urls = list(add_pages(server, 2, 3))
        page = (server.url("/page/0"), "https://example.com/gallery")
        put_lists(project.folder, urls)
        shown = commands()
        assert len(shown) >= 14
        first = "scrapy crawl images -a urls=list.txt -a job=catalogue"
        for line in [first, *sorted(shown, key=lambda line: "--delete" in line)]:
            typed = line.replace(page[1], page[0]).replace("s3://bucket/", "")
            done = subprocess.run(
                typed.replace("scrapy ", f"{os.fspath(_scrapy())} ", 1),
                shell=True,
                cwd=project.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=120,
            )
            assert (done.returncode != 0) == (line in REFUSED), (line, done.stderr[-2000:])
            assert "Traceback" not in done.stderr, line
    assert (project.folder / "catalogue.html").stat().st_size > 10_000
    assert (project.folder / "again.txt").exists()
    stored = [path for path in (project.folder / "images/full").rglob("*") if path.is_file()]
    assert len(stored) == 12  # six by their content, and six by the names of a list


def _scrapy() -> Path:
    return Path(sys.executable).parent / "scrapy"
