"""Which files beside the images say what they are?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from imagecrawl.stores.manifest import IMAGES, write_manifest


def read(root: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (root / IMAGES).read_text("utf-8").splitlines()]


def records(*urls: str) -> list[dict[str, Any]]:
    return [{"url": url} for url in urls]


def test_each_line_is_a_record_with_its_job(tmp_path):
    assert (
        write_manifest(tmp_path, IMAGES, "cats", "one", iter([{"url": "a", "alt": "caf\xe9\n"}]))
        == 1
    )
    assert read(tmp_path) == [{"url": "a", "alt": "caf\xe9\n", "job": "cats", "job_id": "one"}]
    assert [path.name for path in tmp_path.iterdir()] == [IMAGES]


def test_jobs_share_a_store(tmp_path):
    write_manifest(tmp_path, IMAGES, "cats", "one", records("a", "b"))
    write_manifest(tmp_path, IMAGES, "cats", "two", records("c"))
    assert write_manifest(tmp_path, IMAGES, "cats", "one", records("a")) == 1
    lines = sorted((one["job_id"], one["url"]) for one in read(tmp_path))
    assert lines == [("one", "a"), ("two", "c")]
    assert write_manifest(tmp_path, IMAGES, "cats", "one", []) == 0
    assert [one["job_id"] for one in read(tmp_path)] == ["two"]


def test_nothing_is_known(tmp_path):
    assert write_manifest(tmp_path, IMAGES, "cats", "one", []) == 0
    assert read(tmp_path) == []


@pytest.mark.parametrize("line", [b"half a li", b"[1]", b"7", b"", b'{"job": "\xff"}', b"\xff\xfe"])
def test_a_damaged_line_is_not_in_the_way(tmp_path, line):
    (tmp_path / IMAGES).write_bytes(line + b'\n{"url": "c", "job_id": "two"}')
    write_manifest(tmp_path, IMAGES, "cats", "one", records("a"))
    assert read(tmp_path) == [
        {"url": "c", "job_id": "two"},
        {"url": "a", "job": "cats", "job_id": "one"},
    ]


def test_a_failure_leaves_the_old_file(tmp_path):
    write_manifest(tmp_path, IMAGES, "cats", "one", records("a"))

    def broken() -> Any:
        yield {"url": "b"}
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_manifest(tmp_path, IMAGES, "cats", "one", broken())
    assert read(tmp_path) == [{"url": "a", "job": "cats", "job_id": "one"}]
    assert [path.name for path in tmp_path.iterdir()] == [IMAGES]
    write_manifest(tmp_path, IMAGES, "cats", "one", records("c"))  # and lets go of the lock
    assert len(read(tmp_path)) == 1


@pytest.mark.parametrize("made", [dict, lambda one: json.dumps(one).encode()], ids=["", "json"])
def test_a_field_of_the_items_own_survives(tmp_path, made):
    own = [made({"url": "a", "job": "photographer"}), made({"url": "b", "jobs": 2})]
    write_manifest(tmp_path, IMAGES, "cats", "one", own)
    ours = {"job": "cats", "job_id": "one"}
    assert read(tmp_path) == [
        {"url": "a", "item_job": "photographer", **ours},
        {"url": "b", "jobs": 2, **ours},
    ]


def test_what_is_json_already_is_the_same_line(tmp_path):
    record = {"url": "a", "alt": 'caf\xe9 "', "width": None}
    for job, made in (("one", record), ("two", json.dumps(record).encode())):
        write_manifest(tmp_path, IMAGES, "cats", job, [made])
    ours = [{**record, "job": "cats", "job_id": job} for job in ("one", "two")]
    assert read(tmp_path) == ours


_WRITE = """
import sys
from pathlib import Path
from imagecrawl.stores.manifest import IMAGES, write_manifest
for _ in range(20):
    records = [{"url": str(n)} for n in range(50)]
    write_manifest(Path(sys.argv[1]), IMAGES, "cats", sys.argv[2], records)
"""


def test_processes_do_not_lose_each_others_lines(tmp_path):
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITE, str(tmp_path), job], cwd=Path(__file__).parents[2]
        )
        for job in ("one", "two", "three")
    ]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert len(read(tmp_path)) == 150


_WAIT = """
import sys
from pathlib import Path
from imagecrawl.stores.manifest import IMAGES, write_manifest


def records():
    print("writing", flush=True)
    sys.stdin.readline()
    yield {"url": sys.argv[2]}


write_manifest(Path(sys.argv[1]), IMAGES, "cats", sys.argv[2], records())
"""


def test_nor_do_those_with_another_tmpdir(tmp_path):
    """Other users, or a service with a PrivateTmp."""
    store = tmp_path / "store"
    store.mkdir()

    def start(job: str) -> subprocess.Popen[str]:
        (tmp_path / job).mkdir()
        return subprocess.Popen(
            [sys.executable, "-c", _WAIT, str(store), job],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "TMPDIR": str(tmp_path / job)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    with start("one") as first:
        assert first.stdout is not None and first.stdout.readline() == "writing\n"
        with start("two") as second:
            second.stdin.write("go\n")
            second.stdin.flush()
            time.sleep(1)  # the second waits for the first, if it is there by now
            first.communicate("go\n", timeout=30)
            second.communicate(timeout=30)
    assert sorted(one["url"] for one in read(store)) == ["one", "two"]
