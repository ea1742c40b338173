"""What the rows of a job add up to."""

from __future__ import annotations

import sqlite3

import pytest

from imagecrawl.errors import JobError
from imagecrawl.frontier.entry import Settlement
from imagecrawl.frontier.ledger import open_ledger
from imagecrawl.outcomes import Kind, Outcome
from imagecrawl.report import gather as rules
from imagecrawl.report.facts import JobFacts
from imagecrawl.report.gather import gather
from tests.report.made import BEGAN, MadeJob


def facts(job: MadeJob, now: float = BEGAN + 10_000) -> JobFacts:
    with job.close().ledger() as ledger:
        return gather(ledger, now)


def test_everything_is_somewhere(job: MadeJob) -> None:
    job.image("http://a.example/1", b"x" * 1000, host="a.example", at=5)
    job.image("http://a.example/2", b"y" * 50, host="a.example", outcome=Outcome.DUPLICATE, at=6)
    job.failure("http://b.example/3", "http_404", "HTTP status 404", host="b.example", at=7)
    job.end("http://b.example/4", Settlement(Outcome.OPTED_OUT, "robots_txt"), host="b.example")
    job.end("http://b.example/5", Settlement(Outcome.FILTERED, "too_small"), host="b.example")
    job.end("http://b.example/", Settlement(Outcome.CRAWLED), kind=Kind.PAGE, host="b.example")
    job.pending("http://a.example/6", host="a.example")
    found = facts(job)
    assert found.balanced
    assert found.images.discovered == 6
    assert found.images.outcomes == {
        "stored": 1,
        "duplicate": 1,
        "failed": 1,
        "opted_out": 1,
        "filtered": 1,
    }
    assert found.images.reasons["failed"] == {"http_404": 1}
    assert (found.pages.discovered, found.pages.outcomes) == (1, {"crawled": 1})
    assert found.pending == found.images.pending == 1
    assert (found.bytes_stored, found.bytes_fetched) == (1000, 1050)
    b, a = sorted(found.hosts, key=lambda line: -line.pages.total())
    assert (a.host, a.size, a.images["pending"], a.total) == ("a.example", 1050, 1, 3)
    assert (b.pages.total(), b.images["opted_out"]) == (1, 1)
    assert [(line.outcome, line.reason, line.images, line.pages) for line in found.reasons] == [
        ("stored", "", 1, 0),
        ("duplicate", "", 1, 0),
        ("crawled", "", 0, 1),
        ("filtered", "too_small", 1, 0),
        ("opted_out", "robots_txt", 1, 0),
        ("failed", "http_404", 1, 0),
        ("pending", "", 1, 0),
    ]
    assert [one.url for one in found.failures.rows] == ["http://b.example/3"]
    assert found.opted_out.total == 1


def test_the_time(job: MadeJob) -> None:
    for at in (0, 1, 1, 9):
        job.image(f"http://h.example/{at}", b"12345", at=at)
    job.failure("http://h.example/x", "reset", at=9)
    job.paused("h.example", -2, 4)
    times = facts(job).timeline
    assert times is not None
    assert (times.start, times.step, times.parts) == (BEGAN - 2, 1, 12)
    assert times.images == [0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 1]
    assert times.bytes == [5 * count for count in times.images]
    assert times.failures == [0] * 11 + [1]


def test_pauses_that_are_not_over(job: MadeJob) -> None:
    job.paused("h.example", 0, 1_000)
    found = facts(job, now=BEGAN + 30)
    assert found.pauses[0].secs == 30
    assert found.timeline is not None
    assert found.timeline.end <= BEGAN + 32


def test_a_job_that_has_nothing(job: MadeJob) -> None:
    found = facts(job)
    assert found.timeline is None
    assert (found.hosts, found.others, found.reasons, found.pauses) == ([], None, [], [])
    assert found.balanced


def test_what_has_been_lost_shows(job: MadeJob) -> None:
    job.pending("http://h.example/1")
    job.close()
    db = sqlite3.connect(job.frontier.path)
    db.execute("DELETE FROM entries")
    db.commit()
    db.close()
    assert not facts(job).balanced


def test_many_hosts_are_the_largest_and_the_rest(
    job: MadeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_HOSTS", 2)
    for host, count in (("a", 3), ("b", 1), ("c", 2), ("d", 1)):
        for number in range(count):
            job.image(f"http://{host}/{number}", b"abc", host=host)
    found = facts(job)
    assert [line.host for line in found.hosts] == ["a", "c"]
    assert found.others is not None
    assert (found.others.host, found.others.total, found.others.size) == ("2 more", 2, 6)
    assert found.host_count == 4


def test_lists_have_their_bounds(job: MadeJob, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "FAILURES_BYTES", 24_000)
    for number in range(40):
        job.failure(f"http://h.example/{number}/" + "x" * 10_000, "reset", "m" * 10_000)
    failures = facts(job).failures
    assert failures.total == 40
    assert 2 <= len(failures.rows) <= 6
    assert len(failures.rows[0].url) == 4_000
    assert not failures.whole


def test_a_reason_that_comes_late_is_among_the_failures(
    job: MadeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "FAILURES_BYTES", 5_000)
    for number in range(60):
        job.failure(f"http://h.example/{number}", "reset")
    job.failure("http://h.example/late", "http_410")
    job.failure("http://other.example/late", "reset", host="other.example")
    rows = facts(job).failures.rows
    assert [row.url for row in rows][-2:] == ["http://h.example/late", "http://other.example/late"]
    assert rows[0].url == "http://h.example/0"


def test_it_is_of_one_moment(job: MadeJob) -> None:
    job.image("http://h.example/1", b"1")
    job.frontier.commit()
    with open_ledger(job.frontier.path) as ledger:
        assert len(ledger.stored()) == 1
        job.image("http://h.example/2", b"2")
        job.frontier.commit()
        assert len(ledger.stored()) == 1
    with open_ledger(job.frontier.path) as ledger:
        assert len(ledger.stored()) == 2


@pytest.mark.parametrize("damage", ["version", "no table", "no database"])
def test_a_broken_file_is_one_line(job: MadeJob, damage: str) -> None:
    known = job.close()
    if damage == "no database":
        job.frontier.path.write_bytes(b"x" * 5000)
    else:
        db = sqlite3.connect(job.frontier.path)
        db.execute("PRAGMA user_version = 1" if damage == "version" else "DROP TABLE pauses")
        db.commit()
        db.close()
    with pytest.raises(JobError, match="cannot be read"), known.ledger() as ledger:
        gather(ledger, BEGAN)
