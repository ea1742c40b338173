"""What do the rows of a job add up to?"""

from __future__ import annotations

import msgspec

from imagecrawl.frontier import sqlite
from imagecrawl.frontier.entry import Pause, Settlement
from imagecrawl.frontier.sqlite import SqliteFrontier
from imagecrawl.frontier.statistics import Ending, Group, Missing, Snapshot
from imagecrawl.outcomes import Kind, Outcome
from tests.frontier.support import NOW, entries, entry, lease


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
    with Snapshot(tmp_path / "frontier.sqlite") as snapshot:
        assert snapshot.discovered() == {"image": 4, "page": 1}
        assert set(snapshot.groups()) == {
            Group("image", "h", "stored", None, 1),
            Group("image", "h", "failed", "http_404", 1),
            Group("image", "h", None, "reset", 1),
            Group("image", "other", None, None, 1),
            Group("page", "other", "crawled", None, 1),
        }
        assert snapshot.span() == (NOW + 1, NOW + 3)
        assert list(snapshot.endings()) == [
            Ending(a.id, "image", "h", "stored", NOW + 1, 12),
            Ending(b.id, "image", "h", "failed", NOW + 2, 0),
            Ending(page.id, "page", "other", "crawled", NOW + 3, 0),
        ]
        assert snapshot.stored() == [a.id]
        assert snapshot.record(a.id)["alt"] == "x"
        assert snapshot.record(b.id) == snapshot.record(999) == {}
        assert list(snapshot.missing(Outcome.FAILED)) == [
            Missing("image", b.url, "http_404", "gone", 1)
        ]
        assert snapshot.pauses() == []


def test_the_newest_pauses_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "_PAUSES_KEPT", 3)
    frontier = SqliteFrontier(tmp_path / "frontier.sqlite")
    pauses = [Pause("h", NOW + number, NOW + number + 1, "reset") for number in range(7)]
    for pause in pauses:
        frontier.note_pause(pause)
    frontier.close()
    with Snapshot(tmp_path / "frontier.sqlite") as snapshot:
        assert snapshot.pauses() == pauses[-3:]
