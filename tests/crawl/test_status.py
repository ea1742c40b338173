"""How jobs stand, and how one is forgotten: the commands, beside a crawl that runs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest

from imagecrawl.demo.faultserver import FaultServer, Forever
from tests.crawl.project import ROOT, Project, crawl
from tests.crawl.sites import add_images

TIMEOUT_SECS = 60


@pytest.fixture
def cats(project: Project, server: FaultServer) -> Project:
    """A job that is done: four images, one of which is gone."""
    path = project.folder / "list.txt"
    path.write_text("\n".join([*add_images(server, 4), server.url("/gone.jpg")]))
    assert project.run(*crawl("images", urls=path, job="cats")).code == 0
    return project


@pytest.fixture
def running(project: Project, server: FaultServer) -> Iterator[subprocess.Popen[str]]:
    """A crawl that hangs: three images stored, one that comes never, one host paused."""
    with FaultServer() as limited:
        limited.add("/0.jpg", b"", faults=Forever("retry_after_900"))
        server.add("/stalls.jpg", b"", faults=Forever("stall_before"))
        urls = [*add_images(server, 3), server.url("/stalls.jpg"), limited.url("/0.jpg")]
        (project.folder / "list.txt").write_text("\n".join(urls))
        args = crawl("images", urls=project.folder / "list.txt", job="dogs")
        process = project.start(*args, IMAGECRAWL_STALL_TIMEOUT_SECS=600)
        yield process
        process.kill()
        process.communicate()


def until_paused(project: Project) -> dict[str, Any]:
    deadline = time.monotonic() + TIMEOUT_SECS
    while time.monotonic() < deadline:
        code, out, _ = project.ask("status", "--json")
        if code == 0 and json.loads(out)["paused_hosts"]:
            status: dict[str, Any] = json.loads(out)
            if status["images"]["outcomes"].get("stored") == 3:
                return status
    raise AssertionError(f"not to be seen: {out}")


def test_a_job_that_runs(project: Project, running: subprocess.Popen[str]) -> None:
    status = until_paused(project)
    assert status["job"] == "dogs" and status["spider"] == "images"
    assert status["process"] == running.pid
    assert status["images"]["discovered"] == 5 and status["images"]["pending"] == 2
    assert (status["in_work"], status["waiting"]) == (1, 1)
    (host,) = status["paused_hosts"]
    assert 0 < host["secs_left"] <= 900 and host["pauses"] == 1
    assert 0 < status["next_due_secs"] <= 901
    code, out, _ = project.ask("status")
    assert code == 0
    assert f"job dogs, spider images: process {running.pid} works on it" in out
    assert "images: discovered 5 = stored 3 + duplicate 0 + failed 0 + pending 2" in out
    assert "1 retry due, the next in 1" in out
    assert f"  {host['host']}  for 1" in out
    assert max(map(len, out.splitlines()[3:])) <= 80
    code, out, _ = project.ask("jobs")
    assert code == 0 and out.splitlines()[1].endswith("  running")


def test_a_job_that_runs_is_not_deleted(project: Project, running: subprocess.Popen[str]) -> None:
    until_paused(project)
    code, out, err = project.ask("jobs", "--delete", "dogs", "--yes")
    assert (code, out) == (1, "")
    assert f"job dogs is in use by process {running.pid}: stop it first" in err
    running.send_signal(signal.SIGKILL)
    running.wait()
    code, out, _ = project.ask("status")
    assert "not done and not running: the same crawl command goes on with it" in out
    assert project.ask("jobs", "--delete", "dogs", "--yes")[0] == 0
    assert not (project.jobs / "dogs").exists()


def test_a_job_that_is_done(cats: Project) -> None:
    code, out, _ = cats.ask("status", "--job", "cats")
    assert code == 0
    assert "job cats, spider images: done, unless its input has grown" in out
    assert "discovered 5 = stored 4 + duplicate 0 + failed 1 (http_404 1) + pending 0" in out
    assert "paused" not in out and "due" not in out


def test_the_list_of_jobs(cats: Project, server: FaultServer) -> None:
    path = cats.folder / "other.txt"
    path.write_text(server.url("/0.jpg"))
    assert cats.run(*crawl("images", urls=path, job="birds")).code == 0
    code, out, _ = cats.ask("jobs")
    assert code == 0
    assert [line.split()[:3] for line in out.splitlines()[1:]] == [
        ["birds", "1", "0"],
        ["cats", "5", "0"],
    ]
    code, out, _ = cats.ask("jobs", "--json")
    assert code == 0
    birds, cats_ = map(json.loads, out.splitlines())
    assert (birds["job"], birds["images"], cats_["pending"]) == ("birds", 1, 0)
    assert cats_["bytes"] > 0 and cats_["process"] is None
    assert cats_["worked_on"].endswith("+00:00")


def test_long_names_leave_the_columns_alone(cats: Project) -> None:
    long = "n" * 100
    for name in ("exactly-22-characters-", "a-name-of-23-characters", long):
        shutil.copytree(cats.jobs / "cats", cats.jobs / name)
    (cats.jobs / long / "job.json").write_text("{")
    code, out, _ = cats.ask("jobs")
    lines = out.splitlines()
    assert code == 0 and len(lines) == 7
    column = lines[0].index("images") + len("images")
    rows = [line for line in lines if " 5 " in line]
    assert [line.rindex(" 5 ", 0, column + 1) + 2 for line in rows] == [column] * 3
    assert max(map(len, rows)) == 80 - len("  running")
    assert {line.split()[0] for line in rows if not line.startswith(" ")} == {
        "cats",
        "exactly-22-characters-",
    }
    assert lines[lines.index("a-name-of-23-characters") + 1].split()[:2] == ["5", "0"]
    assert lines[lines.index(long) + 1].lstrip().startswith("cannot be read: ")


def test_a_job_that_cannot_be_read_is_listed_and_can_be_deleted(cats: Project) -> None:
    db = sqlite3.connect(cats.jobs / "cats" / "frontier.sqlite")
    db.execute("PRAGMA user_version = 99")
    db.close()
    code, _, err = cats.ask("status")
    assert code == 1
    assert "cannot be read: its version is 99" in err and "Traceback" not in err
    code, out, _ = cats.ask("jobs")
    assert code == 0 and "cats cannot be read" in out
    (cats.jobs / "cats" / "frontier.sqlite").write_bytes(b"no database" * 1000)
    assert "cats cannot be read" in cats.ask("jobs")[1]
    assert cats.ask("jobs", "--delete", "cats", "--yes")[0] == 0
    assert cats.ask("jobs")[1].startswith("there is no job in")


def test_deleting_needs_a_yes_and_leaves_the_images(cats: Project) -> None:
    code, out, err = cats.ask("jobs", "--delete", "cats")
    assert (code, out) == (1, "")
    assert "there is no terminal to ask on: say --yes" in err
    files = cats.files()
    code, out, _ = cats.ask("jobs", "--delete", "cats", "--yes")
    assert code == 0
    assert out == f"job cats is deleted; its images are still in {cats.store}\n"
    assert not (cats.jobs / "cats").exists()
    assert cats.files() == files and len(files) == 4


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX")
@pytest.mark.parametrize(("answer", "code"), [("n\n", 1), ("\n", 1), ("\x04", 1), ("Yes\n", 0)])
def test_the_question(cats: Project, answer: str, code: int) -> None:
    from tests.crawl.terminal import Terminal

    command = cats.command("jobs", "--delete", "cats")
    with Terminal(command, ROOT, cats.environment()) as term:
        term.until_text(r"Forget all that job cats knows\? \[y/N\]")
        assert "stay where they are" in "".join(term.lines())
        term.type(answer)
        assert term.end() == code
        assert "Traceback" not in "\n".join(term.everything())
    assert (cats.jobs / "cats").exists() == bool(code)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["status", "--job", "dogs"], "there is no job 'dogs': there are cats"),
        (["status", "cats"], "name a job with --job"),
        (["jobs", "--delete", "dogs", "--yes"], "there is no job 'dogs': there are cats"),
        (["jobs", "cats"], "name a job with --delete"),
    ],
)
def test_bad_options_are_one_line(cats: Project, command: list[str], words: str) -> None:
    code, out, err = cats.ask(*command)
    assert code != 0
    assert words in err
    assert "Traceback" not in err
    assert out == ""


def test_without_any_job(project: Project) -> None:
    code, _, err = project.ask("status")
    assert code == 1 and "there is no job in" in err
    code, out, _ = project.ask("jobs")
    assert code == 0 and out.startswith("there is no job in")
    assert project.ask("jobs", "--json")[:2] == (0, "")


@pytest.mark.parametrize("command", ["crawl", "status", "failures", "report", "jobs", "demo"])
def test_the_help_fits_and_has_what_is_needed(project: Project, command: str) -> None:
    process = subprocess.run(
        project.command(command, "--help"),
        cwd=ROOT,
        env={**project.environment(), "COLUMNS": "80"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert max(map(len, process.stdout.splitlines())) <= 80
    text = " ".join(process.stdout.split())
    assert "xamples: scrapy" in text and "Exit code: 0" in text
