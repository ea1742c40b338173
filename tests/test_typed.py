"""Is a command shown as it can be typed, by whoever sees it?"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from imagecrawl import typed
from imagecrawl.demo.faultserver import FaultServer
from tests.projectcopy import ProjectCopy

OURS = "/x/imagecrawl/commands/__main__.py"


def shell(monkeypatch: pytest.MonkeyPatch, folder: Path, *names: str) -> Path:
    """Make a PATH of one folder, with programs of these *names*."""
    folder.mkdir()
    for name in names:
        (folder / name).touch(0o755)
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.mark.skipif(os.name == "nt", reason="what is found there has an extension")
def test_as_this_process_was_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bin_folder = shell(monkeypatch, tmp_path / "bin", "scrapy", "python")
    monkeypatch.setattr(sys, "executable", str(bin_folder / "python"))
    for started, shown in [
        (OURS, "python3 -m imagecrawl crawl 'my spider'"),
        (str(bin_folder / "scrapy"), "scrapy crawl 'my spider'"),
        ("/lib/scrapyd/runner.py", "scrapy crawl 'my spider'"),
        ("my_script.py", "scrapy crawl 'my spider'"),
    ]:
        monkeypatch.setattr(sys, "argv", [started])
        assert typed.scrapy_command("crawl", "my spider") == shown


@pytest.mark.skipif(os.name == "nt", reason="what is found there has an extension")
def test_where_no_scrapy_of_ours_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "argv", ["/elsewhere/scrapy"])
    monkeypatch.setattr(typed, "_OWN_ENVIRONMENT", tmp_path)  # the tests may run in it
    shell(monkeypatch, tmp_path / "other", "scrapy", "python", "python3")  # another environment's
    in_full = shlex.join([sys.executable, "-m", "scrapy", "failures"])
    assert typed.scrapy_command("failures") == in_full
    monkeypatch.setattr(typed, "_OWN_ENVIRONMENT", Path(sys.prefix).resolve())
    assert typed.scrapy_command("failures") == "python3 -m imagecrawl failures"
    # pip install --user: the scripts are not beside the interpreter
    user = shell(monkeypatch, tmp_path / "user", "scrapy")
    monkeypatch.setattr(sys, "argv", [str(user / "scrapy")])
    assert typed.scrapy_command("failures") == "scrapy failures"


def test_a_crawl_and_its_report_show_how_they_were_started(tmp_path: Path) -> None:
    copy = ProjectCopy(tmp_path / "project")
    with FaultServer() as server:
        (copy.folder / "list.txt").write_text(server.url("/gone.jpg"))
        crawl = ("imagecrawl", "crawl", "images", "-a", "urls=list.txt", "-a", "job=cats")
        assert copy.run(*crawl).returncode == 0
        page = (copy.folder / ".scrapy/jobs/cats/report.html").read_text(encoding="utf-8")
        shown = "python3 -m imagecrawl crawl images -a job=cats -a retry_failed="
        assert shown in page
        for started in ("imagecrawl", "imagecrawl.commands"):
            assert shown in copy.run(started, "failures").stdout
        listed = copy.run("imagecrawl", "failures").stdout.splitlines()[-1]
        again = subprocess.run(
            listed,
            shell=True,
            cwd=copy.folder,
            env=copy.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
    assert again.returncode == 0
    assert "1 failed entries are tried again" in again.stderr
    assert "scrapy crawl images -a job=cats" in copy.run("scrapy", "failures").stdout
    nothing = copy.run("imagecrawl", "status", "-s", f"IMAGECRAWL_JOBS_DIR={tmp_path / 'none'}")
    assert nothing.stderr.endswith("yet: python3 -m imagecrawl crawl makes one\n")
