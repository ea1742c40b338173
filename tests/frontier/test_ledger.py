"""What does the ledger say, beside the one who writes it?"""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest

from imagecrawl.errors import JobError
from imagecrawl.frontier import host_table
from imagecrawl.frontier.entry import Pause, Settlement
from imagecrawl.frontier.ledger import Ending, Group, Missing, open_ledger
from imagecrawl.frontier.reading import reading
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
    with open_ledger(frontier.path) as ledger:
        first, second = map(msgspec.json.decode, ledger.images())
        assert (first["url"], second["url"]) == ("http://h/a", "http://h/b")
        assert first["alt"] == "caf\xe9"
        missing = {one.url: one for one in ledger.missing()}
        assert [one.url for one in ledger.failures()] == ["http://h/c", "http://h/x"]
        assert [one.url for one in ledger.failures({"http_404"})] == ["http://h/c"]
    assert list(missing) == ["http://h/c", "http://h/d", "http://h/x"]
    assert missing["http://h/c"] == Missing(
        "image", "http://h/c", "failed", "http_404", "HTTP status 404", 1
    )
    assert missing["http://h/d"].status == "opted_out"
    assert missing["http://h/x"].message == "line 2"


def test_an_empty_ledger(frontier):
    with open_ledger(frontier.path) as ledger:
        assert list(ledger.images()) == list(ledger.missing()) == []


def test_it_is_of_one_moment_and_not_in_the_writers_way(frontier):
    frontier.enqueue(entries("ab"))
    a, b = lease(frontier)
    frontier.settle(a, Settlement(Outcome.STORED, record=record(a.url)), [], NOW)
    frontier.commit()
    with open_ledger(frontier.path) as ledger:
        images = ledger.images()
        assert msgspec.json.decode(next(images))["url"] == "http://h/a"
        frontier.settle(b, Settlement(Outcome.STORED, record=record(b.url)), [], NOW)
        frontier.commit()
        assert len(list(ledger.images())) == 1
    with open_ledger(frontier.path) as ledger:
        assert len(list(ledger.images())) == 2


def test_a_ledger_is_read_only(frontier):
    with pytest.raises(JobError, match="readonly"), reading(frontier.path) as db:
        db.execute("DELETE FROM entries")


@pytest.mark.parametrize(
    ("stop", "reasons"),
    [(7, [3, 2, 2]), (20, [4, 8, 8]), (1000, [4, 30, 60])],
)
def test_a_sample_is_fair_wherever_it_stops(frontier, stop, reasons):
    counts = {"dns": 4, "http_404": 30, "reset": 60}
    frontier.enqueue(
        entry(f"{reason}{number}", f"h{number // 12}", outcome=Outcome.FAILED, reason=reason)
        for reason, count in counts.items()
        for number in range(count)
    )
    frontier.commit()
    with open_ledger(frontier.path) as ledger:
        found = [one for _, one in ledger.sample(Outcome.FAILED, stop)]
    assert [sum(one.reason == reason for one in found) for reason in counts] == reasons
    resets = Counter(one.url[:9] for one in found if one.reason == "reset")
    assert max(resets.values()) - min(resets.values()) <= 1
    assert len(resets) == min(reasons[2], 5)


def test_groups_endings_and_records(tmp_path):
    frontier = SqliteFrontier(tmp_path / "frontier.sqlite")
    frontier.enqueue([*entries("abc"), entry("p", "other", Kind.PAGE), entry("q", "other")])
    a, page, b, q, c = lease(frontier)
    record = msgspec.json.encode({"url": a.url, "bytes": 12, "alt": "x"})
    frontier.settle(a, Settlement(Outcome.STORED, record=record), [], NOW + 1)
    frontier.settle(b, Settlement(Outcome.FAILED, "http_404", "gone"), [], NOW + 2)
    frontier.settle(page, Settlement(Outcome.CRAWLED), [], NOW + 3)
    frontier.postpone(c, NOW + 99, "reset", "by peer")
    frontier.close()
    assert q.host == "other"
    with open_ledger(tmp_path / "frontier.sqlite") as ledger:
        assert ledger.discovered() == {"image": 4, "page": 1}
        assert set(ledger.groups()) == {
            Group("image", "h", "stored", None, 1),
            Group("image", "h", "failed", "http_404", 1),
            Group("image", "h", None, "reset", 1),
            Group("image", "other", None, None, 1),
            Group("page", "other", "crawled", None, 1),
        }
        assert ledger.span() == (NOW + 1, NOW + 3)
        assert list(ledger.endings()) == [
            Ending(a.id, "image", "h", "stored", NOW + 1, 12),
            Ending(b.id, "image", "h", "failed", NOW + 2, 0),
            Ending(page.id, "page", "other", "crawled", NOW + 3, 0),
        ]
        assert ledger.stored() == [a.id]
        assert ledger.record(a.id)["alt"] == "x"
        assert ledger.record(b.id) == ledger.record(999) == {}
        lost = Missing("image", b.url, "failed", "http_404", "gone", 1)
        assert list(ledger.missing()) == list(ledger.failures()) == [lost]
        assert list(ledger.sample(Outcome.FAILED, 9)) == [(b.id, lost)]
        assert ledger.pauses() == []


def test_the_newest_pauses_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(host_table, "_PAUSES_KEPT", 3)
    frontier = SqliteFrontier(tmp_path / "frontier.sqlite")
    pauses = [Pause("h", NOW + number, NOW + number + 1, "reset") for number in range(7)]
    for pause in pauses:
        frontier.host_table.note_pause(pause)
    frontier.close()
    with open_ledger(tmp_path / "frontier.sqlite") as ledger:
        assert ledger.pauses() == pauses[-3:]
