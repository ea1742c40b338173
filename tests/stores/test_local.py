"""Where do the bytes go, and how do they get there whole?"""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
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


@pytest.mark.parametrize("there", [b"bo", bytes(4)])
def test_what_has_other_bytes_under_a_contents_name_is_made_whole(tmp_path, there):
    store = opened(tmp_path)
    (tmp_path / "x.jpg").write_bytes(there)
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


PATHS = {body: ("a.jpg", f"a~{body.decode()}.jpg", f"{body.decode()}.jpg") for body in (b"1", b"2")}


def test_two_contents_of_one_name_both_survive(tmp_path):
    store = opened(tmp_path)
    assert store.save_as(PATHS[b"1"], b"1", 1) == "a.jpg"
    assert store.save_as(PATHS[b"2"], b"2", 2) == "a~2.jpg"
    for _ in range(2):  # who comes again finds his own
        assert store.save_as(PATHS[b"2"], b"2", 3) == "a~2.jpg"
        assert store.save_as(PATHS[b"1"], b"1", 4) == "a.jpg"
    assert files(tmp_path) == {"a.jpg", "a~2.jpg"}
    assert (tmp_path / "a~2.jpg").read_bytes() == b"2"


def test_a_name_that_cannot_be_a_file_gives_way(tmp_path):
    store = opened(tmp_path)
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    for wanted in ("file/x", "folder", "x" * 300, "file/y/z"):
        assert store.save_as((wanted, f"{wanted}~", "own.jpg"), b"1", 1) in ("own.jpg", "folder~")
    assert files(tmp_path) == {"file", "own.jpg", "folder~"}


def test_a_name_of_a_content_that_is_there_under_another_is_a_file_too(tmp_path):
    store = opened(tmp_path)
    store.save("1.jpg", b"1", 1)
    for name in ("x.jpg", "y.jpg"):
        assert store.save_as((name, "~", "1.jpg"), b"1", 2) == name
    assert files(tmp_path) == {"1.jpg", "x.jpg", "y.jpg"}
    assert (tmp_path / "x.jpg").stat().st_ino != (tmp_path / "y.jpg").stat().st_ino


def test_many_threads_that_want_the_same_name(tmp_path):
    store = opened(tmp_path)
    bodies = [str(number % 20).encode() for number in range(400)]

    def save(number: int) -> tuple[str, bytes]:
        text = bodies[number].decode()
        paths = ("a.jpg", f"a~{text}.jpg", f"{text}.jpg")
        return store.save_as(paths, bodies[number], number), bodies[number]

    with ThreadPoolExecutor(8) as threads:
        stored = set(threads.map(save, range(400)))
    assert len(stored) == len(files(tmp_path)) == 20
    assert all((tmp_path / path).read_bytes() == body for path, body in stored)


def test_a_store_that_is_full_says_so_of_a_name_too(tmp_path):
    store = opened(tmp_path)
    store.close()  # its temporary folder is gone
    with pytest.raises(StoreError, match=r"a.jpg cannot be written"):
        store.save_as(PATHS[b"1"], b"1", 1)


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
