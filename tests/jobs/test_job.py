"""What is a job, where does it live, and may this process have it?"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from imagecrawl.demo.faultserver import FaultServer
from imagecrawl.errors import ConfigError, JobError
from imagecrawl.jobs.job import (
    Job,
    check_job_name,
    derived_name,
    open_job,
    remembered,
)
from imagecrawl.outcomes import Kind
from tests.frontier.support import entries, lease, png

MANIFEST = {"spider": "images", "store": "/data/images", "args": {"urls": "/data/list.txt"}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "jobs" / "one"


@pytest.fixture
def begun(folder: Path) -> Iterator[Path]:
    """The folder of a job that has one entry, and was closed."""
    job = open_job(folder, MANIFEST, restart=False)
    job.frontier.enqueue(entries("a"))
    job.close()
    return folder


def opened(folder: Path, restart: bool = False, **changes: Any) -> Job:
    return open_job(folder, {**MANIFEST, **changes}, restart=restart)


def refused(folder: Path, restart: bool = False, **changes: Any) -> str:
    with pytest.raises(JobError) as caught:
        opened(folder, restart, **changes).close()
    message = str(caught.value)
    assert "\n" not in message
    return message


# --- names ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["a", "cats-2026", "A_b.c", "1", "x" * 100, "console", "com", "a.b"]
)
def test_good_names(name):
    assert check_job_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            ".",
            "..",
            "../x",
            "a/b",
            "a\\b",
            "a b",
            "-a",
            ".a",
            "_a",
            "a\n",
            "x" * 101,
            "caf\xe9",
        ),
        *("con", "CON", "nul.txt", "aux", "prn", "com1", "Lpt9", "lpt1.x", "a.", "a:b", "~"),
    ],
)
def test_bad_names(name):
    with pytest.raises(ConfigError) as caught:
        check_job_name(name)
    assert str(caught.value).startswith(f"job={name!r} is no usable name")
    assert "\n" not in str(caught.value)


def test_a_derived_name_never_changes():
    """Else nobody's job would go on after an update."""
    inputs = {"urls": "/data/list.txt", "follow": "none"}
    assert derived_name("images", inputs) == "images-886058936e85"
    assert derived_name("images", dict(reversed(inputs.items()))) == "images-886058936e85"


def test_derived_names_differ_with_what_they_are_derived_from():
    names = {
        derived_name(spider, inputs)
        for spider in ("images", "shop")
        for inputs in ({}, {"urls": "a"}, {"urls": "b"}, {"urls": None}, {"start_urls": ["a"]})
    }
    assert len(names) == 10


@pytest.mark.parametrize(
    "spider", ["images", "caf\xe9 / \u732b", "\u732b", "con", "x" * 200, "-", ""]
)
def test_a_derived_name_is_a_usable_one(spider):
    name = derived_name(spider, {"path": Path("x")})
    assert check_job_name(name) == name


# --- opening --------------------------------------------------------------------------------


def test_a_job_goes_on(begun):
    job = opened(begun)
    assert job.resumed
    assert job.name == "one"
    assert job.frontier.ready() == 1
    assert remembered(begun) == {**MANIFEST, "id": job.id}
    job.close()


def test_a_new_job(folder):
    assert remembered(folder) is None
    job = opened(folder)
    assert not job.resumed
    assert job.frontier.drained()
    assert remembered(folder) == {**MANIFEST, "id": job.id}
    job.close()


def test_restart_forgets_but_only_this_job(begun):
    other = opened(begun.parent / "other")
    other.frontier.enqueue(entries("b"))
    (begun / "list-1.txt").write_text("http://h/")
    job = opened(begun, restart=True, store="/data/elsewhere")
    assert not job.resumed
    assert job.frontier.counts(Kind.IMAGE).discovered == 0
    job.begun()
    assert sorted(path.name for path in begun.iterdir() if "sqlite" not in path.name) == [
        *("job.json", "job.lock", "job.pid", "list-1.txt")
    ]
    assert other.frontier.ready() == 1
    job.close()
    other.close()


def test_restart_keeps_what_is_not_the_jobs(begun):
    """JOBDIR may be any folder of the user's, the one with the images among them."""
    (begun / "images").mkdir()
    image, notes = begun / "images" / "a.jpg", begun / "notes.md"
    image.write_bytes(b"image")
    notes.write_text("mine")
    opened(begun, restart=True).close()
    assert image.exists()
    assert notes.exists()


def test_a_restart_that_cannot_begin_destroys_nothing(begun):
    (begun / "stdin.txt").write_text("http://h/")
    opened(begun, restart=True).discard()
    assert (begun / "stdin.txt").exists()
    job = opened(begun)
    assert (job.resumed, job.frontier.ready()) == (True, 1)
    job.close()


def test_a_restart_that_is_killed_before_it_began_destroys_nothing(begun):
    opened(begun, restart=True).close()
    job = opened(begun)
    assert (job.resumed, job.frontier.ready()) == (True, 1)
    job.close()


def test_two_jobs_of_one_name_are_told_apart(begun):
    job = opened(begun)
    job.close()
    elsewhere = opened(begun.parent.parent / "other" / begun.name)
    assert elsewhere.name == job.name
    assert elsewhere.id != job.id
    elsewhere.close()
    again = opened(begun, restart=True)
    again.begun()
    again.close()
    assert again.id == job.id


def test_a_job_that_never_began_leaves_nothing_behind(folder):
    opened(folder).discard()
    assert not folder.exists()


def test_a_job_that_never_began_takes_nothing_else_along(folder):
    folder.mkdir(parents=True)
    notes = folder / "notes.md"
    notes.write_text("mine")
    opened(folder).discard()
    assert notes.exists()


def test_a_job_in_use_is_left_alone(begun):
    job = opened(begun)
    assert "in use by process" in refused(begun)
    assert "in use by process" in refused(begun, restart=True)
    assert job.frontier.ready() == 1
    job.close()
    opened(begun).close()


def test_another_store_is_refused(begun):
    message = refused(begun, store="/data/other")
    assert "'/data/images'" in message
    assert "'/data/other'" in message
    assert "restart=true" in message
    opened(begun).close()  # the lock is free again


def test_another_spider_is_refused(begun):
    assert "run the spider 'images'" in refused(begun, spider="shop")


def test_other_arguments_are_remembered(begun):
    job = opened(begun, args={"urls": "/data/more.txt"})
    job.close()
    assert remembered(begun) == {**MANIFEST, "args": {"urls": "/data/more.txt"}, "id": job.id}


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b"null", b"7"])
def test_a_manifest_that_is_none(begun, content):
    (begun / "job.json").write_bytes(content)
    message = refused(begun)
    assert str(begun / "job.json") in message
    assert "restart=true" in message
    opened(begun, restart=True).close()


def test_a_frontier_that_is_none(begun):
    (begun / "frontier.sqlite").write_bytes(b"no database at all, " * 200)
    assert "restart=true" in refused(begun)
    opened(begun, restart=True).close()


@pytest.mark.parametrize("below", ["", "deeper/down"])
def test_a_file_where_the_folder_should_be(tmp_path, below):
    file = tmp_path / "file"
    file.write_bytes(b"")
    assert str(file / below) in refused(file / below)


def test_closing_gives_the_entries_in_work_to_the_next(begun):
    job = opened(begun)
    assert len(lease(job.frontier)) == 1
    job.close()
    job = opened(begun)
    assert job.frontier.taken_back == 1
    assert job.frontier.ready() == 1
    job.close()


# --- as the user has it ---------------------------------------------------------------------


def crawl(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    settings = (f"JOBDIR={folder / 'job'}", f"IMAGES_STORE={folder / 'images'}")
    return subprocess.run(
        [
            *(sys.executable, "-m", "scrapy", "crawl", "images"),
            *(part for setting in settings for part in ("-s", setting)),
            *(part for argument in arguments for part in ("-a", argument)),
        ],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_restart_is_the_way_out_of_a_broken_manifest(tmp_path):
    (tmp_path / "job").mkdir()
    (tmp_path / "job" / "job.json").write_text("{")
    with FaultServer() as server:
        server.add("/a.png", png(), content_type="image/png")
        (tmp_path / "list.txt").write_text(server.url("/a.png"))
        done = crawl(tmp_path, f"urls={tmp_path / 'list.txt'}", "restart=true")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "job" / "job.json").read_text())["spider"] == "images"
