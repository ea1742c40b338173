"""Where is half a file kept until the other half comes?"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagecrawl.policies.ranges import Representation
from imagecrawl.stores.partials import PartialStore, PartialWriter
from tests.crawl.project import ROOT

KEY, OTHER = "ab" * 20, "cd" * 20


def about(total: int = 1_000, validator: str = '"v"') -> Representation:
    return Representation(validator, total)


@pytest.fixture
def store(tmp_path: Path) -> PartialStore:
    return PartialStore(tmp_path / "partials", 10_000)


def begin(store: PartialStore, key: str = KEY, total: int = 1_000) -> PartialWriter:
    writer = store.begin(key, about(total))
    assert writer is not None
    return writer


def kill(writer: PartialWriter) -> None:
    """End the process that has *writer*, as far as the file can tell."""
    assert writer._file is not None
    writer._file.close()


def kept(store: PartialStore, key: str = KEY) -> bytes | None:
    partial = store.resume(key)
    return partial.read() if partial is not None else None


def test_only_what_was_committed_counts(store: PartialStore) -> None:
    writer = begin(store)
    writer.write(b"one ")
    writer.write(b"two")
    assert writer.commit() == 7
    partial = store.resume(KEY)
    assert partial is not None
    assert (partial.representation, partial.length, partial.read()) == (about(), 7, b"one two")
    more = store.append(KEY, partial)
    assert more is not None
    more.write(b", and what a kill leaves")
    kill(more)
    again = PartialStore(store.data(KEY).parent, 10_000)  # another process
    again.sweep()
    assert kept(again) == b"one two"
    partial = again.resume(KEY)
    assert partial is not None
    third = again.append(KEY, partial)
    assert third is not None
    third.write(b" three")
    assert third.commit() == 13
    assert kept(again) == b"one two three"


def test_a_new_body_takes_the_old_ones_note_with_it(store: PartialStore) -> None:
    first = begin(store)
    first.write(b"old")
    first.commit()
    second = begin(store)
    second.write(b"new and longer")
    kill(second)
    assert kept(PartialStore(store.data(KEY).parent, 10_000)) is None


def test_what_a_killed_process_left_is_swept(store: PartialStore, tmp_path: Path) -> None:
    writer = begin(store)
    writer.write(b"never committed")
    kill(writer)
    folder = tmp_path / "partials"
    (folder / f"{OTHER}.json").write_text("{}")
    (folder / f"{OTHER}.new").write_text("half a no")
    PartialStore(folder, 10_000).sweep()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("note", [b"", b"[]", b"\xff", b'{"length": -1}', b'{"length": 99}'])
def test_a_note_that_is_none_counts_for_nothing(store: PartialStore, note: bytes) -> None:
    writer = begin(store)
    writer.write(b"one")
    writer.commit()
    store.data(KEY).with_suffix(".json").write_bytes(note)
    assert kept(store) is None


def test_data_that_are_gone_count_for_nothing(store: PartialStore) -> None:
    writer = begin(store)
    writer.write(b"one two three")
    writer.commit()
    store.data(KEY).write_bytes(b"one")
    assert kept(store) is None


def test_the_bound_is_kept_and_the_oldest_goes_first(store: PartialStore) -> None:
    import os

    for age, key in enumerate((OTHER, KEY)):
        writer = begin(store, key, 4_000)
        writer.write(b"x" * 4_000)
        writer.commit()
        os.utime(store.data(key), (age, age))
    third = begin(store, "ef" * 20, 4_000)
    assert kept(store, OTHER) is None
    assert kept(store, KEY) is not None
    assert store.begin("12" * 20, about(6_001)) is None  # beside the 4,000 that are open
    assert store.begin("34" * 20, about(10_001)) is None
    third.discard()


def test_the_disk_is_asked_only_for_what_is_there(
    store: PartialStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: opened.append(path.stem) or read(path))

    def found(store: PartialStore, key: str = KEY) -> bool:
        """Tell whether *key* is found in *store*, and there is no more looking than that."""
        del opened[:]
        partial = store.hold(key)
        store.close(key)
        assert opened == [key] * (partial is not None)
        return partial is not None

    def keep(key: str = KEY, total: int = 1_000) -> None:
        writer = begin(store, key, total)
        assert not found(store, key)  # begun
        writer.write(b"x" * (total // 2))
        assert writer.commit()

    assert not found(store) and store.knows_nothing
    keep()
    assert found(store) and not found(store, OTHER) and not store.knows_nothing
    store.drop(KEY)
    assert not found(store) and store.knows_nothing
    keep()
    keep(OTHER, 9_900)  # there is no room for both
    assert not found(store) and found(store, OTHER)
    again = PartialStore(store.data(KEY).parent, 10_000)  # another process
    again.sweep()
    assert found(again, OTHER) and not found(again)
    store.data(OTHER).unlink()
    again.sweep()
    assert not found(again, OTHER) and again.knows_nothing


def test_one_writer_for_a_key(store: PartialStore) -> None:
    writer = begin(store)
    assert store.begin(KEY, about()) is None
    assert store.resume(KEY) is None
    writer.discard()
    begin(store).discard()


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "x" * 40, "AB" * 20, "a"])
def test_a_key_is_a_digest(store: PartialStore, key: str) -> None:
    assert store.begin(key, about()) is None
    assert store.resume(key) is None


def test_a_disk_that_is_full_ends_the_keeping_only(tmp_path: Path) -> None:
    script = f"""
import signal
from pathlib import Path
from imagecrawl.policies.ranges import Representation
from imagecrawl.stores.partials import PartialStore
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = PartialStore(Path({str(tmp_path)!r}), 10**9)
writer = store.begin({KEY!r}, Representation('"v"', 10**8))
for _ in range(100):
    writer.write(b"x" * 100_000)
print(writer.commit(), store.resume({KEY!r}))
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000)),
    )
    assert done.stdout.split() == ["0", "None"]
    assert list(tmp_path.iterdir()) == []


@given(
    st.lists(
        st.tuples(st.sampled_from(["write", "commit", "kill", "discard"]), st.binary()), max_size=40
    )
)
def test_what_is_kept_is_always_a_prefix(steps: list[tuple[str, bytes]]) -> None:
    with TemporaryDirectory() as folder:
        store = PartialStore(Path(folder), 10**9)
        body, writer = b"", None
        committed = b""
        for step, data in steps:
            if writer is None:
                partial = store.resume(KEY)
                body = partial.read() if partial is not None else b""
                assert body == committed
                writer = (
                    store.append(KEY, partial) if partial is not None else begin(store, total=10**6)
                )
            assert writer is not None
            if step == "write":
                writer.write(data)
                body += data
            elif step == "commit":
                assert writer.commit() == len(body)
                committed, writer = body, None
            elif step == "kill":
                kill(writer)
                store, writer = PartialStore(Path(folder), 10**9), None
            else:
                writer.discard()
                committed, writer = b"", None
        if writer is not None:
            kill(writer)
