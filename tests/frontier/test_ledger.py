"""What does the ledger say, beside the one who writes it?"""

from __future__ import annotations

import sqlite3

import msgspec
import pytest

from imagecrawl.frontier.entry import Settlement
from imagecrawl.frontier.ledger import Ledger
from imagecrawl.frontier.sqlite import SqliteFrontier
from imagecrawl.outcomes import Kind, Outcome
from tests.frontier.support import NOW, entries, entry, lease


def record(url: str) -> bytes:
    return msgspec.json.encode({"url": url, "alt": "caf\xe9"})


@pytest.fixture
def frontier(tmp_path):
    folder = tmp_path / "odd #1 100% caf\xe9?"
    folder.mkdir()
    frontier = SqliteFrontier(folder / "frontier.sqlite")
    yield frontier
    frontier.close()


def test_what_is_there_and_what_is_missing(frontier):
    bad = entry("x", outcome=Outcome.FAILED, reason="invalid_url", message="line 2")
    frontier.enqueue([*entries("abcde"), bad, entry("p", kind=Kind.PAGE)])
    a, b, c, d, e, page = lease(frontier)
    frontier.settle(b, Settlement(Outcome.STORED, record=record(b.url)), [], NOW)
    frontier.settle(a, Settlement(Outcome.DUPLICATE, record=record(a.url)), [], NOW)
    frontier.settle(c, Settlement(Outcome.FAILED, "http_404", "HTTP status 404"), [], NOW)
    frontier.settle(d, Settlement(Outcome.OPTED_OUT, "robots_txt", "no"), [], NOW)
    frontier.settle(page, Settlement(Outcome.CRAWLED), [], NOW)
    frontier.postpone(e, NOW + 1, "reset", "by peer")
    frontier.commit()
    ledger = Ledger(frontier.path)
    assert [one["url"] for one in ledger.images()] == ["http://h/a", "http://h/b"]
    assert next(ledger.images())["alt"] == "caf\xe9"
    missing = {one["url"]: one for one in ledger.missing()}
    assert list(missing) == ["http://h/c", "http://h/d", "http://h/x"]
    assert missing["http://h/c"] == {
        "kind": "image",
        "url": "http://h/c",
        "status": "failed",
        "reason": "http_404",
        "message": "HTTP status 404",
        "attempts": 1,
    }
    assert missing["http://h/d"]["status"] == "opted_out"
    assert missing["http://h/x"]["message"] == "line 2"
    ledger.close()


def test_an_empty_ledger(frontier):
    ledger = Ledger(frontier.path)
    assert list(ledger.images()) == list(ledger.missing()) == []
    ledger.close()


def test_the_writer_is_not_in_its_way_and_it_not_in_the_writers(frontier):
    frontier.enqueue(entries("ab"))
    a, b = lease(frontier)
    frontier.settle(a, Settlement(Outcome.STORED, record=record(a.url)), [], NOW)
    frontier.commit()
    ledger = Ledger(frontier.path)
    images = ledger.images()
    assert next(images)["url"] == "http://h/a"
    frontier.settle(b, Settlement(Outcome.STORED, record=record(b.url)), [], NOW)
    frontier.commit()
    assert len(list(ledger.images())) == 2
    ledger.close()


def test_a_ledger_is_read_only(frontier, tmp_path):
    ledger = Ledger(frontier.path)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        ledger._db.execute("DELETE FROM entries")
    ledger.close()
