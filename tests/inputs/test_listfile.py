"""Where does a list come from, and can it be read?"""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from imagecrawl.errors import ConfigError
from imagecrawl.inputs.listfile import ListInput
from imagecrawl.inputs.lists import Lists
from imagecrawl.inputs.table import Wanted
from imagecrawl.policies.backoff import Backoff

NO_WAIT = Backoff(0, 0, 0)


def fetch(source: ListInput, folder: Path, *, reread: bool = True) -> Path:
    (file,) = source.fetch(folder, "agent", NO_WAIT, reread=reread)
    return file.path


def refused(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        Lists(str(path), Wanted()).check()
    message = str(caught.value)
    assert message.startswith((f"urls={str(path)!r} ", f"urls={str(path)!r}: "))
    assert "\n" not in message
    return message


def test_a_local_list_is_read_where_it_is(tmp_path, monkeypatch):
    path = tmp_path / "my list.txt"
    path.write_text("http://h/a\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for spec in ("my list.txt", "./my list.txt", str(path), "~/my list.txt", path.as_uri()):
        source = ListInput(spec)
        assert source.is_local
        assert fetch(source, tmp_path / "job") == path
        assert source.identity() == str(path)


def test_the_identity_of_a_list_does_not_depend_on_where_the_command_is_typed(
    tmp_path, monkeypatch
):
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path)
    one = ListInput("list.txt").identity()
    monkeypatch.chdir(tmp_path / "sub")
    assert ListInput("../list.txt").path().resolve() == Path(one).resolve()
    assert ListInput(one).identity() == one


@pytest.mark.parametrize("spec", ["http://h/l.txt", "HTTPS://h/l.txt", "s3://b/l.txt"])
def test_a_remote_list(spec):
    source = ListInput(spec)
    assert source.is_remote
    assert not source.is_local
    assert source.identity() == spec


@pytest.mark.parametrize("spec", ["ftp://h/l.txt", "gs://b/l"])
def test_lists_that_are_not_read(spec):
    with pytest.raises(ConfigError, match=f"{spec.split(':')[0]}://") as caught:
        ListInput(spec)
    assert "\n" not in str(caught.value)


def test_a_home_that_does_not_exist():
    with pytest.raises(ConfigError):
        fetch(ListInput("~nosuchuser/list.txt"), Path())


@pytest.mark.parametrize("data", [b"", b"# nothing\n\n"])
def test_a_list_without_a_url(tmp_path, data):
    path = tmp_path / "list.txt"
    path.write_bytes(data)
    assert "has no line with a URL" in refused(path)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("<!DOCTYPE html>\n<title>Log in</title>\n<a href=/x>x</a>", "start_urls="),
        ("<html><body>", "start_urls="),
        ("<?xml version='1.0'?><urlset><url><loc>http://a/1</loc></url></urlset>", "sitemap="),
    ],
)
@pytest.mark.parametrize("name", ["list", "list.txt", "list.csv"])
def test_a_page_in_place_of_a_list(tmp_path, text, advice, name):
    path = tmp_path / name
    path.write_text(text)
    assert advice in refused(path)


def test_a_list_that_only_begins_like_a_page(tmp_path):
    path = tmp_path / "list.txt"
    path.write_text("<b>\nhttp://example.com/1.jpg\n")
    assert len(Lists(str(path), Wanted()).local_tables()) == 1


def test_a_list_that_cannot_be_read(tmp_path):
    assert "No such file" in refused(tmp_path / "nothing")
    assert "directory" in refused(tmp_path)


@pytest.mark.parametrize("how", ["cut", "broken", "header"])
def test_a_list_with_broken_gzip(tmp_path, how):
    path = tmp_path / "list.gz"
    data = bytearray(gzip.compress("\n".join(f"http://h/{n**5}" for n in range(500)).encode()))
    if how == "cut":
        data = data[:15]
    elif how == "broken":
        data[12:40] = b"\xff" * 28
    else:
        data[2] = 99
    path.write_bytes(data)
    assert "cannot be read" in refused(path)


class Stdin:
    """Standard input with some content, for each of the lists that are read from it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self._sources: list[ListInput] = []

    def __call__(self, data: bytes) -> ListInput:
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        self._sources.append(ListInput("-"))
        return self._sources[-1]

    def close(self) -> None:
        for source in self._sources:
            if source._spool is not None:
                source._spool.close()


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stdin]:
    stdin = Stdin(monkeypatch)
    yield stdin
    stdin.close()


def test_standard_input_is_kept_with_the_job(tmp_path, stdin):
    source = stdin(b"http://h/a\n")
    identity = source.identity()
    assert fetch(source, tmp_path).read_bytes() == b"http://h/a\n"
    assert stdin(b"http://h/a\n").identity() == identity
    assert stdin(b"http://h/b\n").identity() != identity


def test_standard_input_that_is_the_same_leaves_the_copy_alone(tmp_path, stdin):
    path = fetch(stdin(b"http://h/a\n"), tmp_path)
    os.utime(path, (1, 1))
    for data in (b"http://h/a\n", b""):  # the same again, and a job resumed by a cron job
        assert fetch(stdin(data), tmp_path).stat().st_mtime == 1
    assert fetch(stdin(b"http://h/b\n"), tmp_path).read_bytes() == b"http://h/b\n"


def test_standard_input_is_not_asked_when_a_job_is_resumed_by_name(tmp_path, stdin):
    fetch(stdin(b"http://h/a\n"), tmp_path)
    again = stdin(b"never read")
    assert fetch(again, tmp_path, reread=False).read_bytes() == b"http://h/a\n"
    assert sys.stdin.read() == "never read"


def test_standard_input_that_holds_nothing(tmp_path, stdin):
    stdin(b"")
    with pytest.raises(ConfigError, match="'-' has no line"):
        Lists("-", Wanted()).tables(tmp_path, "agent", NO_WAIT, reread=True)


_OPEN_FILES = """
import os, sys
from pathlib import Path
from imagecrawl.inputs.listfile import ListInput
from imagecrawl.policies.backoff import Backoff
before = len(os.listdir("/dev/fd"))
source = ListInput("-")
source.identity()
source.fetch(Path(sys.argv[1]), "agent", Backoff(0, 0, 0), reread=True)
print(len(os.listdir("/dev/fd")) - before)
"""


def test_nothing_of_standard_input_stays_open(tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _OPEN_FILES, str(tmp_path)],
        cwd=Path(__file__).parents[2],
        input=b"http://h/a\n",
        capture_output=True,
        check=True,
    )
    assert done.stdout == b"0\n"
    assert done.stderr == b""
