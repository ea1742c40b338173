"""A job's file is read wherever it lies, or one line says why it cannot be."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from imagecrawl.errors import JobError
from imagecrawl.frontier.ledger import open_ledger
from imagecrawl.frontier.sqlite import SqliteFrontier
from imagecrawl.outcomes import Outcome
from tests.frontier.support import entry, run_python

pytestmark = pytest.mark.skipif(os.name != "posix", reason="who may write is a matter of POSIX")

READ = """
import os, sys
from pathlib import Path
from imagecrawl.errors import JobError
from imagecrawl.frontier.ledger import open_ledger
if not os.getuid():
    os.setuid(65534)  # root may write everywhere
try:
    with open_ledger(Path(sys.argv[1])) as ledger:
        print(*(one.reason for one in ledger.failures()))
except JobError as error:
    print(error)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that others may read: pytest's own are for one user."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def made(folder: Path) -> SqliteFrontier:
    frontier = SqliteFrontier(folder / "frontier.sqlite")
    frontier.enqueue([entry("x", outcome=Outcome.FAILED, reason="reset")])
    frontier.commit()
    return frontier


def told(folder: Path) -> str:
    folder.chmod(0o555)
    done = run_python(READ, str(folder / "frontier.sqlite"))
    assert done.stderr == ""
    return done.stdout.strip()


def test_a_job_that_is_done_is_read_where_nothing_can_be_written(folder: Path) -> None:
    made(folder).close()
    assert [path.name for path in folder.iterdir()] == ["frontier.sqlite"]
    assert told(folder) == "reset"


def test_one_that_was_killed_is_not_read_without_its_last_entries(folder: Path) -> None:
    frontier = made(folder)
    killed = folder / "killed"
    killed.mkdir()
    for name in ("frontier.sqlite", "frontier.sqlite-wal"):
        shutil.copy(folder / name, killed / name)
    frontier.close()
    assert "its folder cannot be written: copy the folder" in told(killed)


@pytest.mark.parametrize("damage", ["cut", "empty", "no database", "older", "no table", "record"])
def test_what_is_broken_is_one_line(tmp_path: Path, damage: str) -> None:
    made(tmp_path).close()
    path = tmp_path / "frontier.sqlite"
    broken = {
        "cut": path.read_bytes()[:8192],
        "empty": b"",
        "no database": b"no database" * 1000,
    }
    changes = {
        "older": "PRAGMA user_version = 2",
        "no table": "DROP TABLE entries",
        "record": "UPDATE entries SET record = '{', ended_at = 1",
    }
    if damage in broken:
        path.write_bytes(broken[damage])
    else:
        db = sqlite3.connect(path)
        db.execute(changes[damage])
        db.commit()
        db.close()
    with pytest.raises(JobError, match=r"^the job in .* cannot be read: [^\n]+$"):  # noqa: SIM117
        with open_ledger(path) as ledger:
            list(ledger.failures())
            list(ledger.endings())
