"""Where a report may go: what is there is replaced only if it is a file."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from imagecrawl.errors import JobError
from imagecrawl.jobs.known import GENERATOR
from imagecrawl.report.output import check_output, passes_through, write_output
from imagecrawl.report.write import report_path, write_report
from tests.report.made import COMMANDS, MadeJob, picture

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links, FIFOs and devices are POSIX")

ROOT = Path(__file__).resolve().parents[2]
PAGE = GENERATOR + b"x" * 200_000  # more than a pipe holds


def refusal(path: Path) -> str:
    with pytest.raises(JobError) as error:
        write_output(path, PAGE)
    assert "\n" not in str(error.value)
    return str(error.value)


def typed(job: MadeJob, *options: str, **how: Any) -> subprocess.CompletedProcess[bytes]:
    """Type ``scrapy report`` for *job*."""
    place = f"JOBDIR={job.close().folder}"
    words = [sys.executable, "-m", "scrapy", "report", "-s", place, *options]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how}
    return subprocess.run(words, cwd=ROOT, timeout=60, check=False, **streams)


def leftovers(folder: Path, known: Sequence[str]) -> list[str]:
    return [one.name for one in folder.iterdir() if one.name not in known]


@pytest.mark.parametrize("there", [True, False], ids=["to a file", "to nothing yet"])
def test_a_link_is_followed(tmp_path: Path, there: bool) -> None:
    (tmp_path / "reports").mkdir()
    target = tmp_path / "reports" / "new.html"
    if there:
        target.write_text("old")
    (tmp_path / "middle").symlink_to("reports/new.html")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "middle")
    write_output(link, PAGE)
    assert link.is_symlink() and (tmp_path / "middle").is_symlink()
    assert target.read_bytes() == PAGE and not target.is_symlink()
    assert not leftovers(target.parent, ["new.html"])


def test_a_link_that_leads_nowhere_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "ring").symlink_to("ring")
    assert "symbolic links" in refusal(tmp_path / "ring")
    (tmp_path / "lost").symlink_to("no/such/folder")
    assert "No such file" in refusal(tmp_path / "lost")
    assert (tmp_path / "ring").is_symlink() and (tmp_path / "lost").is_symlink()


def test_a_fifo_is_written_through(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    (tmp_path / "link").symlink_to("fifo")
    with ThreadPoolExecutor(1) as pool:
        for path in (fifo, tmp_path / "link"):
            assert passes_through(path)
            read = pool.submit(fifo.read_bytes)
            write_output(path, PAGE)
            assert read.result(timeout=10) == PAGE
    assert stat.S_ISFIFO(fifo.lstat().st_mode)


def test_devices_stay_devices(tmp_path: Path) -> None:
    null, full, disk = tmp_path / "null", tmp_path / "full", tmp_path / "disk"
    try:
        os.mknod(null, stat.S_IFCHR | 0o666, os.makedev(1, 3))
        os.mknod(full, stat.S_IFCHR | 0o666, os.makedev(1, 7))
        os.mknod(disk, stat.S_IFBLK | 0o600, os.makedev(7, 250))
        null.write_bytes(b"")
    except OSError:
        pytest.skip("only root makes devices")
    write_output(null, PAGE)
    assert stat.S_ISCHR(null.lstat().st_mode)
    assert "No space left on device" in refusal(full)
    assert "it is a disk" in refusal(disk)
    assert stat.S_ISBLK(disk.lstat().st_mode)


def test_what_takes_nothing_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert "it is a folder" in refusal(tmp_path / "folder")
    with socket.socket(socket.AF_UNIX) as listening:
        name = os.path.relpath(tmp_path / "socket")  # the names of sockets are short
        listening.bind(name if len(name) < 100 else str(tmp_path / "socket"))
        assert "it is a socket" in refusal(tmp_path / "socket")
    for closed in ("/dev/fd/987", "/dev/fd/99999999999999999999"):
        assert "it is not open" in refusal(Path(closed))
    with (tmp_path / "ours").open("wb") as file:  # as the job's database is
        assert "it is not open" in refusal(Path(f"/dev/fd/{file.fileno()}"))
    assert (tmp_path / "ours").read_bytes() == b""
    check_output(tmp_path / "new.html")


@pytest.mark.parametrize("output", ["-", "/dev/stdout", "/dev/fd/1"])
def test_standard_output_gets_the_page_and_nothing_else(
    job: MadeJob, tmp_path: Path, output: str
) -> None:
    job.image("https://h.example/1.jpg", picture(1))
    if output != "-":  # by a link: a mistake here would be one in /dev
        assert passes_through(Path(output))
        (tmp_path / "link").symlink_to(output)
        output = str(tmp_path / "link")
    log = tmp_path / "log"
    log.write_text("before\n")
    with log.open("ab") as appended:
        assert typed(job, "-o", output, stdout=appended).stderr == b""
    before, page = log.read_bytes().split(b"\n", 1)
    assert before == b"before"
    assert page.startswith(b"<!doctype html>") and page.rstrip().endswith(b"</html>")
    piped = typed(job, "-o", output)
    assert (piped.returncode, piped.stderr) == (0, b"")
    assert piped.stdout.startswith(b"<!doctype html>")
    assert piped.stdout.rstrip().endswith(b"</html>")
    assert not report_path(job.close()).exists()
    assert not leftovers(tmp_path, ["log", "link", "made"])


def test_where_standard_output_cannot_be_written(job: MadeJob) -> None:
    job.image("https://h.example/1.jpg", picture(1))
    database = job.close().database.read_bytes()
    shell = [sys.executable, "-m", "scrapy", "report", "-s", f"JOBDIR={job.folder}"]
    for options, words in [
        ("-o - >&-", "it is not open"),
        ("-o - --open", "leaves no file that could be shown"),
        ("-o /dev/fd/9", "it is not open"),
    ]:
        done = subprocess.run(
            ["/bin/sh", "-c", f'"$@" {options}', "sh", *shell],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert (done.returncode, done.stdout) == (1, ""), options
        (line,) = done.stderr.splitlines()
        assert words in line
    assert job.close().database.read_bytes() == database


def test_a_reader_that_has_seen_enough(job: MadeJob) -> None:
    for number in range(40):
        job.image(f"https://h.example/{number}.jpg", picture(number, 400))
    words = [sys.executable, "-m", "scrapy", "report", "-s", f"JOBDIR={job.close().folder}"]
    with subprocess.Popen(
        [*words, "-o", "-"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.read(15) == b"<!doctype html>"
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_a_fifo_in_the_place_of_the_jobs_report_is_left_alone(job: MadeJob) -> None:
    known = job.close()
    os.mkfifo(report_path(known))
    with pytest.raises(JobError, match="is no report of a crawl, and is left alone"):
        write_report(known, COMMANDS, report_path(known))


def test_fifos_in_the_place_of_images_are_passed_over(job: MadeJob) -> None:
    for number in range(3):
        job.image(f"https://h.example/{number}.jpg", picture(number), path=f"full/{number}.jpg")
    (job.store / "full/1.jpg").unlink()
    os.mkfifo(job.store / "full/1.jpg")
    path = report_path(job.close())
    write_report(job.close(), COMMANDS, path)
    text = path.read_text(encoding="utf-8")
    assert text.count("data:image/webp") == 2 and "JPEG, no preview" in text
