"""Where do the bytes go, and how do they get there whole?"""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from imagecrawl.errors import ConfigError, StoreError
from imagecrawl.stores.local import LocalStore, store_root
from tests.frontier.support import run_python


def opened(root: Path, job: str = "job") -> LocalStore:
    store = LocalStore(root, job)
    store.open()
    return store


def files(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def test_a_file_has_its_bytes(tmp_path):
    store = opened(tmp_path / "new" / "store")
    body = bytes(range(256)) * 100
    assert store.save("full/ab/x.jpg", body, 1)
    assert (store.root / "full/ab/x.jpg").read_bytes() == body
    assert files(store.root) == {"full/ab/x.jpg"}


def test_a_file_that_is_there_is_left_alone(tmp_path):
    store = opened(tmp_path)
    store.save("x.jpg", b"body", 1)
    before = (tmp_path / "x.jpg").stat().st_mtime_ns
    assert store.save("x.jpg", b"body", 2) is False
    assert (tmp_path / "x.jpg").stat().st_mtime_ns == before


def test_a_half_file_of_somebody_elses_is_made_whole(tmp_path):
    store = opened(tmp_path)
    (tmp_path / "x.jpg").write_bytes(b"bo")
    assert store.save("x.jpg", b"body", 1)
    assert (tmp_path / "x.jpg").read_bytes() == b"body"


def test_a_store_that_cannot_be_written_says_so(tmp_path):
    store = opened(tmp_path)
    (tmp_path / "x.jpg" / "deeper").mkdir(parents=True)  # a folder where the file should go
    with pytest.raises(StoreError) as caught:
        store.save("x.jpg", b"body", 1)
    message = str(caught.value)
    assert str(tmp_path / "x.jpg") in message
    assert "\n" not in message
    assert files(tmp_path) == set()  # and no temporary file is left


def test_a_file_where_a_folder_should_be(tmp_path):
    store = opened(tmp_path)
    (tmp_path / "full").write_bytes(b"")
    with pytest.raises(StoreError, match="cannot be written"):
        store.save("full/ab/x.jpg", b"body", 1)


def test_opening_sweeps_what_a_killed_run_has_left(tmp_path):
    opened(tmp_path, "other")
    for job in ("job", "other"):
        left = tmp_path / ".part" / job / "half.jpg.1"
        left.parent.mkdir(parents=True, exist_ok=True)
        left.write_bytes(b"half")
    opened(tmp_path, "job")
    assert files(tmp_path) == {".part/other/half.jpg.1"}


def test_closing_leaves_nothing_but_images(tmp_path):
    one, other = opened(tmp_path, "one"), opened(tmp_path, "other")
    one.save("a.jpg", b"a", 1)
    one.close()
    other.save("b.jpg", b"b", 1)
    other.close()
    other.close()
    assert {path.name for path in tmp_path.iterdir()} == {"a.jpg", "b.jpg"}


@pytest.mark.parametrize("below", ["", "deeper/down"])
def test_a_file_where_the_store_should_be(tmp_path, below):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConfigError) as caught:
        opened(tmp_path / "file" / below)
    assert str(caught.value).startswith("IMAGES_STORE=")
    assert "\n" not in str(caught.value)


_KILLED = """
import os, signal, sys, threading
from pathlib import Path
from imagecrawl.stores.local import LocalStore
store = LocalStore(Path(sys.argv[1]), "job")
store.open()
threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGKILL)).start()
body = bytes(1 << 20)
for number in range(10**9):
    store.save(f"{number % 50}.jpg", body + bytes(number), number)
"""


def test_a_kill_leaves_no_half_file_under_a_final_name(tmp_path):
    done = run_python(_KILLED, str(tmp_path))
    assert done.returncode == -signal.SIGKILL, done.stderr
    images = list(tmp_path.glob("*.jpg"))
    assert images
    assert all(path.stat().st_size >= 1 << 20 for path in images)
    opened(tmp_path)
    assert all("/" not in name for name in files(tmp_path))


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("/data/images", "/data/images"),
        ("file:///data/my%20images", "/data/my images"),
        ("file://localhost/data", "/data"),
        (Path("/data/x"), "/data/x"),
        ("images", None),
        ("~/images", None),
    ],
)
def test_the_root_of_a_store(uri, path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert store_root(uri) == (Path(path) if path else tmp_path / "images")


@pytest.mark.parametrize(
    "uri", [None, "", "s3://bucket/x", "gs://b", "ftp://h/x", "file://host/x", "~nosuchuser/x"]
)
def test_what_is_no_store(uri):
    with pytest.raises(ConfigError, match="IMAGES_STORE") as caught:
        store_root(uri)
    assert "\n" not in str(caught.value)
