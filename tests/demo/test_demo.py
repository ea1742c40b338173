"""Does ``scrapy demo`` bring every image home, and does it say so only when it has?"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from imagecrawl.demo.faults import FAULTS, describe
from imagecrawl.demo.faultserver import FaultServer, Hit
from imagecrawl.demo.gallery import ALL_RECOVERING, DEAD_LINK, START_PAGE, add_gallery
from imagecrawl.demo.logview import condensed
from imagecrawl.demo.play import forget
from imagecrawl.demo.report import Report, examine, sha256

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def subfolder(tmp_path: Path) -> Path:
    """A folder in a project of its own, whose settings are ours: the jobs stay in there."""
    (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = imagecrawl.settings\n")
    folder = tmp_path / "some where" / "below"
    folder.mkdir(parents=True)
    (folder / "inspect.py").write_text("raise SystemExit('the wrong inspect')\n")
    return folder


@contextlib.contextmanager
def started(folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    code = "import sys; sys.path.pop(0); from scrapy.cmdline import execute; execute()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "demo", *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def demo(folder: Path, *options: str) -> tuple[int, str]:
    """The exit code, and all that was said."""
    with started(folder, *options) as process:
        said, _ = process.communicate(timeout=90)
        return process.returncode, said


# --- the command -----------------------------------------------------------------------------


def test_the_demo_brings_every_image_home(subfolder: Path) -> None:
    code, said = demo(subfolder)
    assert code == 0, said
    store = subfolder / "images" / "demo"
    files = [file for file in (store / "full").rglob("*") if file.is_file()]
    assert len(files) == 48
    assert {file.stem for file in files} == {sha256(file.read_bytes()) for file in files}
    assert "48 of 48 images are on disk, byte for byte" in said
    assert f"folder: {store}" in said
    assert f"{DEAD_LINK} (http_404)" in said
    played = {line.split()[0] for line in said.splitlines() if re.search(r" (\d+) of \1$", line)}
    assert played >= set(ALL_RECOVERING)
    assert re.search(r"^  003.gif +attempt 1: http_503 +next one in [\d.]+ s$", said, re.M)
    assert re.search(r"^  taken-down.jpg +attempt 1: http_404 +given up$", said, re.M)
    assert "images: discovered 49 = stored 48" in said


def test_what_is_missing_is_said(subfolder: Path) -> None:
    nothing_twice = ("-s", "RETRY_TIMES=0", "-s", "IMAGECRAWL_DOUBTFUL_RETRY_TIMES=0")
    code, said = demo(subfolder, "--store", "s", "--pages", "1", "--per-page", "6", *nothing_twice)
    assert code == 2
    assert "problem: /gallery/images/003.gif is not in images.jsonl" in said
    assert "6 of 6 images" not in said


def test_twice_in_the_same_folder(subfolder: Path) -> None:
    small = ("--store", "s", "--pages", "1", "--per-page", "2")
    others = subfolder / "s" / "full" / "00" / "mine.jpg"
    others.parent.mkdir(parents=True)
    others.write_bytes(b"mine")
    for _ in range(2):
        code, said = demo(subfolder, *small)
        assert code == 0, said
        assert "stored 2" in said
    assert len((subfolder / "s" / "images.jsonl").read_text().splitlines()) == 2
    assert others.read_bytes() == b"mine"


def test_a_demo_that_cannot_start(subfolder: Path) -> None:
    (subfolder / "s").write_bytes(b"")
    code, said = demo(subfolder, "--store", "s")
    assert code == 1
    assert said.count("error") == 1
    assert "images are on disk" not in said
    assert "Traceback" not in said
    assert demo(subfolder, "--store", "ftp://example.com/")[0] == 1
    assert demo(subfolder, "--pages", "0")[0] == 2


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("sent", "to_all", "code"),
    [(signal.SIGINT, False, 130), (signal.SIGINT, True, 130), (signal.SIGTERM, False, 143)],
)
def test_an_interrupted_demo_leaves_no_process(
    subfolder: Path, sent: signal.Signals, to_all: bool, code: int
) -> None:
    with started(subfolder) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "attempt" in line:
                break
        if to_all:  # as Ctrl-C does
            os.killpg(process.pid, sent)
        else:
            process.send_signal(sent)
        rest = process.stdout.read()  # to the end: nobody has the pipe open any longer
        assert process.wait(20) == code
        assert "Traceback" not in rest
        with pytest.raises(ProcessLookupError):
            os.killpg(process.pid, 0)


# --- its parts -------------------------------------------------------------------------------


def crawled(tmp_path: Path, server: FaultServer) -> tuple[list[str], list[dict[str, str]]]:
    """A store as a good crawl leaves it, and its list."""
    urls = add_gallery(server, 1, 3, ())
    records = []
    for url in urls:
        body = server.body(urllib.parse.urlsplit(url).path)
        path = f"full/{sha256(body)[:2]}/{sha256(body)}.jpg"
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(body)
        records.append({"url": url, "path": path, "job": "j"})
    (tmp_path / "images.jsonl").write_text("".join(json.dumps(one) + "\n" for one in records))
    dead = {"url": server.url(DEAD_LINK), "reason": "http_404", "job": "j"}
    (tmp_path / "failed.jsonl").write_text(json.dumps(dead) + "\n")
    with contextlib.closing(urllib.request.urlopen(server.url(START_PAGE))):
        pass
    return urls, records


def test_examine(tmp_path: Path) -> None:
    with FaultServer() as server:
        urls, records = crawled(tmp_path, server)

        def problems(job: str = "j", exit_code: int = 0) -> list[str]:
            return examine(server, urls, tmp_path, job, exit_code).problems

        assert problems() == []
        assert problems(exit_code=2) == ["the crawl ended with exit code 2"]
        assert len(problems(job="other")) == 4  # three images, and the dead link
        file = tmp_path / records[1]["path"]
        file.write_bytes(file.read_bytes()[:-1] + b"x")
        assert problems() == [
            "/gallery/images/001.png is on disk with other bytes than the server's"
        ]
        file.unlink()
        assert problems() == ["/gallery/images/001.png is not on disk"]


def test_forget_removes_the_images_of_the_gallery_only(tmp_path: Path) -> None:
    with FaultServer() as server:
        urls, _ = crawled(tmp_path, server)
        kept = tmp_path / "full" / "00" / f"{'0' * 64}.jpg"
        kept.parent.mkdir(exist_ok=True)
        kept.write_bytes(b"")
        forget(server, urls, tmp_path)
        assert list((tmp_path / "full").rglob("*.jpg")) == [kept]
        forget(server, urls, tmp_path / "nothing")


def test_nothing_to_tell_of_a_crawl_that_never_began(tmp_path: Path) -> None:
    report = Report(tmp_path, [], {}, {"/x": "is not on disk"}, {}, 1)
    assert list(report.lines()) == []
    assert report.problems == ["the crawl could not start"]


def test_the_demo_plays_every_fault_that_passes() -> None:
    endless = {"ok", "drip"}
    assert set(FAULTS) - endless == {name for name in ALL_RECOVERING if "status_" not in name}
    told = [describe(name) for name in ALL_RECOVERING]
    assert "429 Too Many Requests" in told
    assert "RST after half the body" in told


def test_the_table_fits_a_terminal(tmp_path: Path) -> None:
    hits = [Hit(f"/{n}.jpg", 0.0, fault, {}, 1) for n, fault in enumerate(FAULTS)] * 100
    files = {hit.path: tmp_path / "full" / "x.jpg" for hit in hits}
    report = Report(tmp_path / "x", hits, files, {}, {}, 0)
    table = list(report._fault_table())
    assert len(table) == len(FAULTS) + 1
    assert max(map(len, table)) <= 80


def test_condensed_log() -> None:
    log = """\
2026-01-01 00:00:00 [scrapy.addons] INFO: Enabled addons:
[]
2026-01-01 00:00:00 [imagecrawl.x] INFO: attempt 2 of http://h/a/b.gif failed: reset (x); next one \
in 0.4 s
2026-01-01 00:00:00 [imagecrawl.x] INFO: failed http://h/b.gif: http_404 (x), attempt 3, the last \
one
2026-01-01 00:00:00 [scrapy.core] WARNING: not for everybody
2026-01-01 00:00:00 [scrapy.core] ERROR: bad
Traceback (most recent call last):
2026-01-01 00:00:00 [scrapy.core] INFO: fine
imagecrawl: error: in one line
more of what is fine
"""
    assert list(condensed(log.splitlines(keepends=True))) == [
        "  b.gif          attempt 2: reset      next one in 0.4 s",
        "  b.gif          attempt 3: http_404   given up",
        "  ERROR: bad",
        "  Traceback (most recent call last):",
        "  imagecrawl: error: in one line",
    ]
    long = "2026-01-01 00:00:00 [imagecrawl.x] INFO: " + "x" * 200
    assert len(next(condensed([long]))) == 112
