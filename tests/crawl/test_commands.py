"""Whatever the job, the terminal or the disk is like, a command about jobs ends in one line."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from imagecrawl.demo.faultserver import FaultServer
from imagecrawl.frontier.entry import Settlement
from imagecrawl.jobs.lock import JobLock
from imagecrawl.outcomes import Kind, Outcome
from tests.crawl import warm
from tests.crawl.project import Project
from tests.crawl.sites import add_images
from tests.report.made import MadeJob

COMMANDS = ["status", "status --json", "failures", "failures --json", "jobs", "jobs --json"]


@pytest.fixture
def job(project: Project) -> Path:
    """The folder of a job with two failures, and no crawl that made it."""
    made = MadeJob(project.jobs)
    made.failure("http://h.example/a.jpg", "reset", "by peer")
    made.failure("http://h.example/b.jpg", "http_404", "HTTP status 404")
    made.end("http://h.example/", Settlement(Outcome.FAILED, "http_500"), kind=Kind.PAGE)
    made.failure("not a url", "invalid_url")
    made.failure("javascript:alert(1)", "unsupported_scheme")
    return made.close().folder


def typed(project: Project, command: str, stdout: int | None = None, **variables: str) -> Any:
    """Type *command*; what it prints goes to *stdout*."""
    words = project.words(*shlex.split(command))
    return warm.run(words, {**project.environment(), **variables}, stdout=stdout)


def refused(done: Any) -> str:
    """Return the one line that *done* has said, and nothing else."""
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("imagecrawl: error: ")
    return str(line)


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("status nosuch", "there is no argument 'nosuch': name a job with --job"),
        ("jobs nosuch", "there is no argument 'nosuch': name a job with --delete"),
        ("status --bogus", "there is no option '--bogus'"),
        ("failures nosuch --bogus=1", "there is no option '--bogus=1'"),
        ("report --seconds abc", "argument --seconds: 'abc' is no number of seconds"),
    ],
)
def test_wrong_usage(project: Project, command: str, why: str) -> None:
    done = typed(project, command)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage\n") and done.stderr.endswith(f" error: {why}\n")


@pytest.mark.parametrize("command", ["status", "failures", "report", "jobs", "demo", "crawl"])
def test_help_names_the_exit_code_of_wrong_usage(project: Project, command: str) -> None:
    done = typed(project, f"{command} --help")
    assert done.returncode == 0
    _, codes = " ".join(done.stdout.split()).split("Exit code: ")
    assert re.search(r"2 [^,.]*(, )?[^,.]*wrong usage", codes)


def test_a_job_in_a_folder_of_its_own(project: Project, job: Path) -> None:
    own = job.rename(project.folder / "own")
    assert "there is no job" in typed(project, "jobs").stdout
    assert "there is no job" in refused(typed(project, "status --job own"))
    project.settings["JOBDIR"] = own
    assert "job own, spider images" in typed(project, "status").stdout
    assert "http_404" in typed(project, "failures").stdout
    assert typed(project, "report").stdout == f"{own / 'report.html'}\n"
    assert "job own, spider images" in typed(project, "status --job own").stdout
    assert typed(project, "jobs").stdout.splitlines()[1].startswith("own ")
    (own / "mine.txt").write_text("not the job's")
    shutil.copytree(own, job)  # another of that name
    assert typed(project, "jobs --delete own --yes").returncode == 0
    assert {path.name for path in own.iterdir()} == {"mine.txt"}
    assert (job / "frontier.sqlite").exists()


@pytest.mark.parametrize("command", ["status", "failures", "report"])
@pytest.mark.parametrize("damage", ["cut", "older"])
def test_a_damaged_job(project: Project, job: Path, command: str, damage: str) -> None:
    path = job / "frontier.sqlite"
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:5000])
    else:
        db = sqlite3.connect(path)
        db.execute("PRAGMA user_version = 2")
        db.close()
    done = typed(project, command)
    assert f"the job in {job} cannot be read: " in refused(done)
    assert "retry_failed" not in done.stdout


@pytest.mark.parametrize("variables", [{}, {"PYTHONUNBUFFERED": "1"}], ids=["", "unbuffered"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_reader_that_has_seen_enough(
    project: Project, job: Path, command: str, variables: dict[str, str]
) -> None:
    for words in (["true"], ["head", "-n", "1"]):
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as reader:
            assert reader.stdin is not None
            done = typed(project, command, reader.stdin.fileno(), **variables)
        assert (done.returncode, done.stderr) == (0, "")


def test_a_reader_of_the_log_that_has_seen_enough(project: Project, server: FaultServer) -> None:
    (project.folder / "list.txt").write_text("\n".join(add_images(server, 3)))
    process = project.start(*project.images(urls=project.folder / "list.txt"))
    assert process.stderr.readline()
    process.stderr.close()
    assert process.wait(60) == 0
    assert len(project.files()) == 3
    process.stdout.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a disk that is full")
@pytest.mark.parametrize("command", COMMANDS)
def test_output_that_cannot_be_written(project: Project, job: Path, command: str) -> None:
    with Path("/dev/full").open("wb") as full:
        assert "No space left on device" in refused(typed(project, command, full.fileno()))


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
def test_ctrl_c(project: Project, job: Path) -> None:
    db = sqlite3.connect(job / "frontier.sqlite")
    db.execute("UPDATE entries SET message = ?", ("x" * 200_000,))
    db.commit()
    db.close()
    process = project.start("failures")
    while not os.read(process.stdout.fileno(), 1):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)  # it waits for somebody to read on
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "imagecrawl: interrupted\n")


def test_a_project_with_a_broken_module(project: Project, job: Path) -> None:
    project.settings["SPIDER_MODULES"] = "imagecrawl.spiders,no.such.module"
    done = typed(project, "failures --job job")
    assert (done.returncode, done.stderr) == (0, "")
    assert " crawl images -a job=job -a retry_failed=all" in done.stdout
    assert typed(project, "report").returncode == 0


def test_reports_that_cannot_be_written(project: Project, job: Path) -> None:
    assert "written to /: it is a folder" in refused(typed(project, "report -o /"))
    db = sqlite3.connect(job / "frontier.sqlite")
    db.execute("UPDATE entries SET record = '{\"bytes\": '")
    db.commit()
    db.close()
    assert "cannot be read: Input data was truncated" in refused(typed(project, "report"))


def test_addresses_to_ask_for_again(project: Project, job: Path) -> None:
    done = typed(project, "failures --urls")
    assert done.returncode == 0
    assert done.stdout.split() == ["http://h.example/a.jpg", "http://h.example/b.jpg"]
    assert "left out 3 pages or lines" in done.stderr


def test_a_job_that_cannot_be_deleted(project: Project, job: Path) -> None:
    (job / "job.lock").mkdir()
    assert f"{job} cannot be removed: " in refused(typed(project, "jobs --delete job --yes"))
    (job / "job.lock").rmdir()
    lock = JobLock(job)
    lock.acquire()
    try:
        line = refused(typed(project, "jobs --delete job"))
        assert f"job job is in use by process {os.getpid()}: stop it first" in line
    finally:
        lock.release()
    assert (job / "frontier.sqlite").exists()


def test_a_job_whose_manifest_is_broken(project: Project, job: Path) -> None:
    (job / "job.json").write_text("{")
    assert "job.json cannot be read" in refused(typed(project, "status --job job"))
    assert "job.json cannot be read" in refused(typed(project, "failures"))
    listed = typed(project, "jobs").stdout
    assert "job cannot be read: " in listed and " status says why" in listed
    (line,) = typed(project, "jobs --json").stdout.splitlines()
    assert json.loads(line)["spider"] is None
    done = typed(project, "jobs --delete job --yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert not (job / "frontier.sqlite").exists()
