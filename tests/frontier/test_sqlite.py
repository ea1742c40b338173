"""What is SQLite's own about the frontier of one machine."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from imagecrawl.errors import JobError
from imagecrawl.frontier.sqlite import SqliteFrontier
from imagecrawl.outcomes import Kind
from tests.frontier.support import entries, entry


def refuse(path: Path) -> str:
    with pytest.raises(JobError) as caught:
        SqliteFrontier(path).close()
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    return message


@pytest.mark.parametrize("content", [b"no database at all, " * 200, b"SQLite format 3\0" * 200])
def test_a_file_that_is_no_database(tmp_path, content):
    path = tmp_path / "frontier.sqlite"
    path.write_bytes(content)
    assert "restart=true" in refuse(path)
    assert path.read_bytes() == content


def test_a_file_of_another_version(tmp_path):
    path = tmp_path / "frontier.sqlite"
    SqliteFrontier(path).close()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    assert "version is 99" in refuse(path)


def test_a_folder_in_its_place(tmp_path):
    path = tmp_path / "frontier.sqlite"
    path.mkdir()
    refuse(path)


def test_a_file_in_use_by_something_else(tmp_path):
    """The lock keeps other crawls out; a database browser does not ask for it."""
    path = tmp_path / "frontier.sqlite"
    frontier = SqliteFrontier(path)
    frontier.enqueue(entries("a"))
    frontier.commit()
    reader = sqlite3.connect(path)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM entries").fetchone() == (1,)
    frontier.enqueue(entries("b"))
    frontier.commit()
    frontier.close()
    reader.close()


def test_a_full_disk_leaves_nothing_uncounted(tmp_path):
    path = tmp_path / "frontier.sqlite"
    frontier = SqliteFrontier(path)
    frontier.enqueue(entries("abc"))
    frontier.commit()
    (pages,) = frontier._db.connection.execute("PRAGMA page_count").fetchone()
    frontier._db.connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        frontier.enqueue(entry(str(number)) for number in range(1_000))
    frontier.close()
    again = SqliteFrontier(path)
    assert again.counts(Kind.IMAGE).balanced
    again.close()


def test_a_batch_that_fails_leaves_nothing_uncounted(tmp_path):
    path = tmp_path / "frontier.sqlite"
    frontier = SqliteFrontier(path)
    with pytest.raises(OverflowError):
        frontier.enqueue([*entries("ab"), entry("c", priority=2**70)])
    frontier.close()
    again = SqliteFrontier(path)
    assert again.counts(Kind.IMAGE).balanced
    again.close()
