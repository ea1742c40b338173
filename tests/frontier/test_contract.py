"""The contract that every frontier keeps. Another backend is one more in ``support.BACKENDS``."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from imagecrawl.frontier.again import Original, place_of_item
from imagecrawl.frontier.contract import Frontier
from imagecrawl.frontier.entry import Cursor, Entry, HostRow, Pause, Probe, Settlement
from imagecrawl.outcomes import Kind, Outcome, Reason
from tests.frontier.support import (
    BACKENDS,
    NOW,
    SqliteBackend,
    entries,
    entry,
    lease,
    run_python,
    urls,
)

STORED = Settlement(Outcome.STORED)
RECORD = b'{"path": "full/x.jpg", "bytes": 3}'
GONE = Settlement(Outcome.FAILED, "http_404", "HTTP status 404")


@pytest.fixture(params=sorted(BACKENDS))
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqliteBackend]:
    backend = BACKENDS[request.param](tmp_path)
    yield backend
    backend.close()


@pytest.fixture
def frontier(backend: SqliteBackend) -> Frontier:
    return backend.open()


def tallied(frontier: Frontier) -> bool:
    """Whether the numbers in memory are those of the rows."""
    tally = frontier.tally()
    for kind in Kind:
        counts = frontier.counts(kind)
        ended = {outcome.value: n for outcome, n in tally.outcomes(kind).items() if n}
        if (tally.discovered(kind), tally.pending(kind)) != (counts.discovered, counts.pending):
            return False
        if ended != counts.outcomes:
            return False
    return True


@pytest.mark.parametrize("early", [False, True])
def test_the_numbers_in_memory_are_those_of_the_rows(backend, early):
    frontier = backend.open()
    if early:
        assert tallied(frontier)
    bad = entry("bad", outcome=Outcome.FAILED, reason="invalid_url")
    bad.request = b""
    frontier.enqueue([*entries("abcd"), *entries("e", kind=Kind.PAGE), bad])
    assert tallied(frontier)
    one, two, three, _, page = sorted(lease(frontier), key=lambda leased: leased.url)
    frontier.settle(one, STORED, entries("fg"), NOW)
    frontier.settle(two, GONE, [], NOW)
    frontier.postpone(three, NOW + 9, "reset", "")
    frontier.settle(page, Settlement(Outcome.STORED, kind=Kind.IMAGE), [], NOW)
    assert tallied(frontier)
    assert (frontier.waiting(), frontier.next_retry()) == (1, NOW + 9)
    assert frontier.requeue_failed(None) == 1
    assert tallied(frontier)
    frontier = backend.open()
    assert tallied(frontier)
    frontier.host_table.keep("h", HostRow(NOW + 5, b""))
    assert frontier.host_table.paused() == {"h": NOW + 5}
    lease(frontier, now=NOW + 6)
    assert frontier.host_table.paused() == {}


# --- in -------------------------------------------------------------------------------------


def test_what_is_known_is_ignored(frontier):
    assert frontier.enqueue(entries("aab")) == 2
    assert frontier.enqueue(entries("abc")) == 1
    assert frontier.enqueue([]) == 0
    assert frontier.counts(Kind.IMAGE).discovered == frontier.ready() == 3


@pytest.mark.parametrize("reopened", [False, True])
@pytest.mark.parametrize("settlement", [STORED, GONE])
def test_what_is_settled_stays_known(backend, reopened, settlement):
    frontier = backend.open()
    frontier.enqueue(entries("a"))
    frontier.settle(lease(frontier)[0], settlement, [], NOW)
    if reopened:
        frontier = backend.open()
    assert frontier.enqueue(entries("a")) == 0
    assert frontier.drained()
    assert lease(frontier) == []


def test_an_entry_comes_back_as_it_went_in(backend):
    first = entry("a", "x.example:81", Kind.PAGE, priority=-3)
    first.request = bytes(range(256))
    backend.open().enqueue([first])
    (again,) = lease(backend.open())
    first.id = again.id
    assert again == first


def test_a_line_that_is_no_url_goes_straight_into_the_ledger(backend):
    bad = entry("x", outcome=Outcome.FAILED, reason="invalid_url", message="line 1")
    frontier = backend.open()
    assert frontier.enqueue([bad]) == 1
    assert frontier.enqueue([bad]) == 0
    assert frontier.ready() == 0
    assert lease(frontier) == []
    assert frontier.drained()
    counts = backend.open().counts(Kind.IMAGE)
    assert (counts.discovered, counts.pending, counts.balanced) == (1, 0, True)
    assert counts.outcomes == {"failed": 1}
    assert counts.reasons == {"failed": {"invalid_url": 1}}


# --- out: whose turn it is ------------------------------------------------------------------


def test_hosts_take_turns(frontier):
    for host in "xyz":
        frontier.enqueue(entries("abc", host))
    assert urls(lease(frontier, 4)) == ["x/a", "y/a", "z/a", "x/b"]
    assert urls(lease(frontier, 4)) == ["y/b", "z/b", "x/c", "y/c"]
    assert urls(lease(frontier, 4)) == ["z/c"]


@pytest.mark.parametrize("limit", [0, -5])
def test_no_lease_without_a_limit(frontier, limit):
    frontier.enqueue(entries("a"))
    assert lease(frontier, limit) == []


def test_a_host_gets_no_more_than_it_has_room_for(frontier):
    for host in "xyz":
        frontier.enqueue(entries("abcd", host))
    rooms = {"x": 2, "y": 0, "z": 1}
    leased = frontier.lease(100, NOW, rooms.__getitem__)
    assert Counter(one.host for one in leased) == {"x": 2, "z": 1}
    assert frontier.lease(100, NOW, lambda host: -1) == []
    assert frontier.ready() == 9


def test_a_busy_host_does_not_hold_up_another(frontier):
    frontier.enqueue(entries("abcdefgh", "busy"))
    frontier.enqueue(entries("abc", "idle"))
    leased = frontier.lease(3, NOW, lambda host: 0 if host == "busy" else 8)
    assert urls(leased) == ["idle/a", "idle/b", "idle/c"]


@pytest.mark.parametrize("reopened", [False, True])
def test_priority_first_then_first_come(backend, reopened):
    frontier = backend.open()
    for name, priority in (("a", 0), ("b", 10), ("c", -5), ("d", 10), ("e", 0)):
        frontier.enqueue([entry(name, priority=priority)])
    if reopened:
        frontier = backend.open()
    assert urls(lease(frontier)) == ["h/b", "h/d", "h/a", "h/e", "h/c"]


@pytest.mark.parametrize("reopened", [False, True])
def test_a_paused_host_waits(backend, reopened):
    frontier = backend.open()
    frontier.enqueue([*entries("a", "x"), *entries("a", "y")])
    pause(frontier, "x", NOW + 60)
    if reopened:
        frontier = backend.open()
    assert frontier.host_table.all() == {"x": HostRow(NOW + 60, b"health")}
    assert urls(lease(frontier)) == ["y/a"]
    assert frontier.ready() == 1
    assert frontier.next_due() == NOW + 60
    assert lease(frontier, now=NOW + 59.9) == []
    assert urls(lease(frontier, now=NOW + 60)) == ["x/a"]
    assert frontier.next_due() is None
    assert frontier.host_table.all() == {"x": HostRow(NOW + 60, b"health")}
    frontier.host_table.forget("x")
    assert frontier.host_table.all() == {}


def test_the_last_pause_counts(frontier):
    frontier.enqueue(entries("a", "x"))
    pause(frontier, "x", NOW + 10)
    pause(frontier, "x", NOW + 99)
    assert lease(frontier, now=NOW + 50) == []
    pause(frontier, "x", NOW + 51)
    assert urls(lease(frontier, now=NOW + 51)) == ["x/a"]


def pause(frontier, host: str, until: float) -> None:
    frontier.host_table.keep(host, HostRow(until, b"health"))


def test_a_note_of_a_pause_pauses_nothing(frontier):
    """Who reads it is the report, beside the writer: see test_ledger.py."""
    frontier.enqueue(entries("a", "x"))
    frontier.host_table.note_pause(Pause("x", NOW, NOW + 1, "reset"))
    assert frontier.host_table.all() == {}
    assert urls(lease(frontier)) == ["x/a"]


# --- back -----------------------------------------------------------------------------------


@pytest.mark.parametrize("reopened", [False, True])
def test_a_postponed_entry_is_due_in_time_and_counts_its_attempts(backend, reopened):
    frontier = backend.open()
    frontier.enqueue(entries("ab"))
    one, other = lease(frontier)
    frontier.postpone(one, NOW + 4, "reset", "by peer")
    frontier.settle(other, STORED, [], NOW)
    if reopened:
        frontier = backend.open()
    assert frontier.next_due() == NOW + 4
    assert not frontier.drained()
    assert frontier.ready() == 0
    assert lease(frontier, now=NOW + 3.9) == []
    (again,) = lease(frontier, now=NOW + 4)
    assert (again.url, again.attempts) == ("http://h/a", 1)
    frontier.postpone(again, NOW + 8, "reset", "by peer")
    assert lease(frontier, now=NOW + 8)[0].attempts == 2


@pytest.mark.parametrize("reopened", [False, True])
def test_nothing_waits_for_longer_than_it_may(backend, reopened):
    frontier = backend.open()
    frontier.enqueue(entries("abc"))
    one, other, third = lease(frontier)
    frontier.postpone(one, NOW + 86_400, "reset", "by peer")
    frontier.defer(other, NOW + 86_400)
    frontier.postpone(third, NOW + 4, "reset", "by peer")
    frontier.cap_waits(NOW + 60)
    if reopened:
        frontier = backend.open()
    assert (frontier.next_due(), frontier.waiting()) == (NOW + 4, 3)
    assert urls(lease(frontier, now=NOW + 4)) == ["h/c"]
    assert frontier.next_due() == NOW + 60
    assert sorted(urls(lease(frontier, now=NOW + 60))) == ["h/a", "h/b"]


def test_next_due_is_the_soonest_of_all(frontier):
    assert frontier.next_due() is None
    frontier.enqueue(entries("abc"))
    for one, due in zip(lease(frontier), (NOW + 9, NOW + 5, NOW + 7), strict=True):
        frontier.postpone(one, due, "reset", "")
    assert frontier.next_due() == NOW + 5
    pause(frontier, "z", NOW + 2)
    assert frontier.next_due() == NOW + 2
    assert urls(lease(frontier, now=NOW + 5)) == ["h/b"]
    assert frontier.next_due() == NOW + 7


def test_a_released_entry_is_as_if_it_had_not_been_leased(backend):
    frontier = backend.open()
    frontier.enqueue(entries("ab"))
    one, other = lease(frontier)
    frontier.release(one)
    assert frontier.ready() == 1
    assert lease(frontier) == [one]
    frontier.release(other)
    frontier.release(one)
    assert urls(lease(backend.open())) == ["h/a", "h/b"]


def test_opening_takes_back_what_was_leased(backend):
    frontier = backend.open()
    frontier.enqueue(entries("abc"))
    first = lease(frontier, 2)
    frontier = backend.open()
    assert (frontier.taken_back, frontier.pending()) == (2, 3)
    again = lease(frontier)
    assert urls(again) == ["h/a", "h/b", "h/c"]
    assert again[:2] == first


# --- the end --------------------------------------------------------------------------------


def test_an_entry_ends_together_with_its_children(backend):
    frontier = backend.open()
    frontier.enqueue([entry("page", kind=Kind.PAGE), *entries("a")])
    page, image = lease(frontier)
    frontier.settle(page, Settlement(Outcome.CRAWLED), [*entries("abc"), *entries("b")], NOW)
    frontier.settle(image, STORED, [], NOW)
    frontier = backend.open()
    assert urls(lease(frontier)) == ["h/b", "h/c"]
    assert frontier.counts(Kind.PAGE).outcomes == {"crawled": 1}
    assert frontier.counts(Kind.IMAGE).discovered == 3


def image(path: str, outcome: Outcome = Outcome.STORED) -> Settlement:
    record = b'{"path": "%s", "bytes": 3}' % path.encode()
    return Settlement(outcome, record=record, kind=Kind.IMAGE, content=path.encode())


def test_the_images_of_one_response_are_an_entry_each(backend):
    frontier = backend.open()
    assert tallied(frontier)
    frontier.enqueue([*entries("ab"), *entries("c", kind=Kind.PAGE)])
    one, other, page = lease(frontier)
    frontier.settle(one, image("1"), [], NOW, [image("2"), image("3", Outcome.DUPLICATE)])
    frontier.settle(other, GONE, [], NOW)
    frontier.settle(page, GONE, [], NOW, [image("4")])
    assert tallied(frontier)
    frontier = backend.open()
    images, pages = frontier.counts(Kind.IMAGE), frontier.counts(Kind.PAGE)
    assert images.outcomes == {"stored": 3, "duplicate": 1, "failed": 1}
    assert (images.discovered, images.balanced) == (5, True)
    assert (pages.outcomes, pages.balanced) == ({"failed": 1}, True)
    assert frontier.drained()
    assert not frontier.claim(b"2", other.id)


def test_an_entry_that_is_run_again_has_its_images_once(backend):
    frontier = backend.open()
    frontier.enqueue(entries("a"))
    (one,) = lease(frontier)
    frontier.settle(one, GONE, [], NOW, [image("1"), image("2")])
    assert frontier.requeue_failed(None) == 1
    assert tallied(frontier)
    frontier.settle(*lease(frontier), image("1"), [], NOW, [image("2")])
    counts = frontier.counts(Kind.IMAGE)
    assert (counts.outcomes, counts.balanced) == ({"stored": 2}, True)
    assert tallied(frontier)


@pytest.mark.parametrize(("gone", "count"), [("2", 1), ("12", 2), ("23", 2), ("123", 3)])
def test_an_image_that_is_missing_beside_another_is_made_again(backend, gone, count):
    frontier = backend.open()
    frontier.enqueue(entries("a"))
    frontier.settle(*lease(frontier), image("1"), [], NOW, [image("2"), image("3")])
    frontier = backend.open()
    assert frontier.requeue_missing(lambda path, size: path not in gone) == count
    assert frontier.counts(Kind.IMAGE).balanced
    frontier.commit()
    frontier = backend.open()  # killed before it was run again
    frontier.requeue_missing(lambda path, size: path not in gone)
    (again,) = lease(frontier)
    assert again.url == "http://h/a"
    frontier.settle(again, image("1"), [], NOW, [image("2"), image("3")])
    counts = frontier.counts(Kind.IMAGE)
    assert (counts.outcomes, counts.balanced) == ({"stored": 3}, True)
    assert frontier.drained()


def test_drained_is_when_nothing_is_ready_waiting_or_leased(frontier):
    assert frontier.drained()
    frontier.enqueue(entries("a"))
    assert not frontier.drained()
    (one,) = lease(frontier)
    assert not frontier.drained()
    frontier.postpone(one, NOW + 1, "reset", "")
    assert not frontier.drained()
    (one,) = lease(frontier, now=NOW + 1)
    frontier.settle(one, STORED, entries("b"), NOW)
    assert not frontier.drained()
    frontier.settle(lease(frontier)[0], GONE, [], NOW)
    assert frontier.drained()


def test_the_accounting_counts_each_entry_once(backend):
    frontier = backend.open()
    frontier.enqueue([*entries("abcdefgh"), entry("page", kind=Kind.PAGE)])
    a, b, c, d, e, *_ = lease(frontier)
    frontier.settle(a, STORED, [], NOW)
    frontier.settle(b, Settlement(Outcome.DUPLICATE), [], NOW)
    frontier.settle(c, GONE, [], NOW)
    frontier.settle(d, Settlement(Outcome.FAILED, Reason.RESET.value, "by peer"), [], NOW)
    frontier.postpone(e, NOW + 5, Reason.RESET.value, "by peer")
    for counts in (frontier.counts(Kind.IMAGE), backend.open().counts(Kind.IMAGE)):
        assert (counts.discovered, counts.pending) == (8, 4)
        assert counts.outcomes == {"stored": 1, "duplicate": 1, "failed": 2}
        assert counts.reasons == {"failed": {"http_404": 1, "reset": 1}}
        assert counts.balanced


def test_a_page_that_turns_out_to_be_an_image_is_counted_as_one(frontier):
    frontier.enqueue(entries("a", kind=Kind.PAGE))
    frontier.settle(lease(frontier)[0], Settlement(Outcome.STORED, kind=Kind.IMAGE), [], NOW)
    images, pages = frontier.counts(Kind.IMAGE), frontier.counts(Kind.PAGE)
    assert (images.discovered, images.outcomes, images.balanced) == (1, {"stored": 1}, True)
    assert (pages.discovered, pages.outcomes, pages.balanced) == (0, {}, True)


@pytest.mark.parametrize("lost", ["a", "b"])
def test_an_entry_that_is_lost_shows(backend, lost):
    frontier = backend.open()
    frontier.enqueue(entries("ab"))
    frontier.settle(lease(frontier, 1)[0], STORED, [], NOW)
    backend.close()
    backend.lose(f"http://h/{lost}")
    counts = backend.open().counts(Kind.IMAGE)
    assert counts.discovered == 2
    assert not counts.balanced


# --- what else it keeps ---------------------------------------------------------------------


def test_a_cursor_is_kept_with_its_entries(backend):
    frontier = backend.open()
    assert frontier.cursor("list.txt") is None
    frontier.enqueue(entries("ab"), Cursor("list.txt", 2, "s1"))
    frontier.enqueue(entries("c"), Cursor("other.txt", 1, "s2"))
    frontier.enqueue(entries("ab"), Cursor("list.txt", 4, "s1"))  # nothing new, but read
    frontier = backend.open()
    assert frontier.cursor("list.txt") == Cursor("list.txt", 4, "s1")
    assert frontier.cursor("other.txt") == Cursor("other.txt", 1, "s2")


def test_the_first_to_be_stored_with_a_content_keeps_it(backend):
    frontier = backend.open()
    frontier.enqueue(entries("ab"))
    one, other = lease(frontier)
    assert frontier.claim(b"content", one.id)
    assert frontier.claim(b"content", other.id) is None
    assert frontier.claim(b"content", one.id)
    frontier.settle(one, Settlement(Outcome.STORED, content=b"content"), [], NOW)
    assert frontier.claim(b"content", other.id) is False
    frontier = backend.open()
    assert frontier.claim(b"content", other.id) is False
    assert frontier.claim(b"content", one.id)
    assert frontier.claim(b"another", other.id)


def test_who_has_claimed_something_does_not_wait_for_others(frontier):
    frontier.enqueue(entries("ab"))
    one, other = lease(frontier)
    assert frontier.claim(b"content", one.id) and frontier.claim(b"another", other.id)
    assert frontier.claim(b"another", one.id) is frontier.claim(b"content", other.id) is False


@pytest.mark.parametrize(
    "end",
    [
        lambda frontier, one: frontier.settle(one, GONE, [], NOW),
        lambda frontier, one: frontier.postpone(one, NOW + 9, "reset", ""),
        lambda frontier, one: frontier.defer(one, NOW + 9),
        lambda frontier, one: frontier.release(one),
    ],
    ids=["failed", "postponed", "deferred", "released"],
)
def test_who_is_not_stored_with_a_content_does_not_keep_it(backend, end):
    frontier = backend.open()
    frontier.enqueue(entries("ab"))
    one, other = lease(frontier)
    assert frontier.claim(b"content", one.id)
    assert frontier.claim(b"another", other.id)
    end(frontier, one)
    assert frontier.claim(b"content", other.id)
    assert not frontier.claim(b"another", one.id)


def test_a_claim_without_a_settlement_does_not_survive_a_kill(backend):
    frontier = kill_after(backend, "frontier.claim(b'content', a.id); frontier.commit()")
    *_, last = lease(frontier)
    assert not last.url.endswith("/a")
    assert frontier.claim(b"content", last.id)


def test_who_has_lost_its_file_does_not_keep_the_content(backend):
    frontier = backend.open()
    frontier.enqueue(entries("ab"))
    one, other = lease(frontier)
    stored = Settlement(Outcome.STORED, record=RECORD, content=b"content")
    frontier.settle(one, stored, [], NOW)
    assert frontier.requeue_missing(lambda path, size: False) == 1
    assert frontier.claim(b"content", other.id)


# --- kill -9 --------------------------------------------------------------------------------

_KILLED = """
import os, signal
from imagecrawl.frontier.entry import Cursor, Settlement
from imagecrawl.outcomes import Kind, Outcome
from tests.frontier.support import NOW, entries, entry, lease
{open}
frontier.enqueue([entry("page", kind=Kind.PAGE, priority=9), *entries("abc")],
                 Cursor("list.txt", 4, "s"))
page, a = lease(frontier, 2)
frontier.settle(page, Settlement(Outcome.CRAWLED), entries("de"), NOW)
{then}
os.kill(os.getpid(), signal.SIGKILL)
"""


def kill_after(backend: SqliteBackend, then: str) -> Frontier:
    done = run_python(_KILLED.format(open=backend.source(), then=then))
    assert done.returncode == -signal.SIGKILL, done.stderr
    return backend.open()


def test_a_kill_loses_nothing_that_was_there_before_a_lease(backend):
    frontier = kill_after(backend, "")
    assert frontier.cursor("list.txt") == Cursor("list.txt", 4, "s")
    ready = set(urls(lease(frontier)))
    assert {"h/a", "h/b", "h/c"} <= ready
    # A settlement and its children are one: both are there, or neither.
    assert ready - {"h/a", "h/b", "h/c"} in ({"h/page"}, {"h/d", "h/e"})
    assert frontier.counts(Kind.PAGE).balanced
    assert frontier.counts(Kind.IMAGE).balanced


@pytest.mark.parametrize("then", ["frontier.commit()", "lease(frontier, 1)"])
def test_a_commit_or_a_lease_makes_it_durable(backend, then):
    frontier = kill_after(backend, then)
    assert set(urls(lease(frontier))) == {"h/a", "h/b", "h/c", "h/d", "h/e"}
    assert frontier.counts(Kind.PAGE).outcomes == {"crawled": 1}


def test_attempts_survive_a_kill(backend):
    then = "frontier.postpone(a, NOW + 1, 'reset', ''); frontier.commit()"
    frontier = kill_after(backend, then)
    attempts = {one.url: one.attempts for one in lease(frontier, now=NOW + 1)}
    assert attempts["http://h/a"] == 1
    assert attempts["http://h/b"] == 0


def test_half_a_surrogate_pair_in_a_message(frontier):
    frontier.enqueue(entries("ab"))
    one, other = lease(frontier)
    frontier.postpone(one, NOW, "reset", "\ud83d")
    frontier.settle(other, Settlement(Outcome.FAILED, "reset", "\ud83d"), [], NOW)
    assert frontier.counts(Kind.IMAGE).outcomes == {"failed": 1}


# --- hosts, again ---------------------------------------------------------------------------


@pytest.mark.parametrize("reopened", [False, True])
def test_a_deferred_entry_has_no_attempt_more(backend, reopened):
    frontier = backend.open()
    frontier.enqueue(entries("a"))
    frontier.defer(*lease(frontier), NOW + 5)
    if reopened:
        frontier = backend.open()
    assert lease(frontier, now=NOW + 4) == []
    assert lease(frontier, now=NOW + 5)[0].attempts == 0


def test_an_attempt_can_be_given_back(frontier):
    frontier.enqueue(entries("abcd"))
    one, other, third, due = lease(frontier)
    frontier.postpone(one, NOW + 60, "reset", "")
    frontier.postpone(other, NOW + 60, "reset", "")
    frontier.postpone(due, NOW, "reset", "")
    frontier.settle(third, STORED, [], NOW)
    (leased,) = lease(frontier)
    assert (leased.url, leased.attempts) == (due.url, 1)
    frontier.refund([one.id, third.id, leased.id, 999])
    frontier.release(leased)
    again = lease(frontier)
    assert [(entry.url, entry.attempts) for entry in again] == [(one.url, 0), (due.url, 1)]
    assert lease(frontier, now=NOW + 60)[0].attempts == 1
    assert frontier.pending() == 3
    assert frontier.counts(Kind.IMAGE).outcomes == {"stored": 1}


def later(entry: Entry, place: bytes) -> Entry:
    return Entry(entry.fingerprint, entry.kind, entry.host, entry.url, b"x", place=place)


@pytest.mark.parametrize("reopened", [False, True])
def test_what_is_known_may_have_another_entry(backend, reopened):
    frontier = backend.open()
    (first,) = entries("a")
    place = place_of_item(b"page", 2)
    assert frontier.enqueue([first, later(first, place)]) == 2
    assert frontier.enqueue([later(first, place)]) == 0
    if reopened:
        frontier = backend.open()
    one, other = lease(frontier)
    assert frontier.original(one) is None
    assert frontier.original(other) == Original(None, None, None, None, None)
    frontier.postpone(one, NOW + 60, "reset", "")
    assert frontier.original(other).awaited_until(NOW) == pytest.approx(NOW + 60, abs=2)
    (one,) = lease(frontier, now=NOW + 60)
    frontier.settle(one, Settlement(Outcome.STORED, record=RECORD), [], NOW)
    original = frontier.original(other)
    assert (original.outcome, original.record) == (Outcome.STORED, RECORD)
    assert original.awaited_until(NOW) is None and original.ending() is None
    assert frontier.counts(Kind.IMAGE).discovered == 2


def test_the_item_that_is_known_has_no_other_entry(frontier):
    """Its page has been crawled again."""
    (first,) = entries("a")
    first.place = place_of_item(b"page", 2)
    first.request = b"<" + first.place + b">"
    assert frontier.enqueue([first]) == 1
    assert frontier.enqueue([first]) == 0
    assert frontier.enqueue([later(first, place_of_item(b"page", 3))]) == 1


def test_later_items_are_taken_back_with_the_first(frontier):
    (first,) = entries("a")
    more = [later(first, place_of_item(b"page", index)) for index in range(2)]
    frontier.enqueue([first, *more, *entries("b")])
    ends = (Settlement(Outcome.FAILED, reason) for reason in ("no", "no", "html", "no"))
    for one, end in zip(lease(frontier), ends, strict=True):
        frontier.settle(one, end, [], NOW)
    assert frontier.reopen([1]) == [(Kind.IMAGE, Outcome.FAILED, "no")] * 2
    assert [one.id for one in lease(frontier)] == [1, 2]
    assert frontier.counts(Kind.IMAGE).balanced


def test_a_fingerprint_that_only_looks_like_another(frontier):
    (own,) = entries("a")
    own.fingerprint = b"x" * 32 + b"@" + b"y" * 20
    frontier.enqueue([own])
    assert frontier.original(lease(frontier)[0]) is None


def test_a_failure_can_be_taken_back(frontier):
    frontier.enqueue(entries("abcd"))
    failed, waits, stored, other = lease(frontier)
    frontier.settle(failed, Settlement(Outcome.FAILED, "http_403", "no"), [], NOW)
    frontier.settle(other, Settlement(Outcome.FAILED, "http_403", "no"), [], NOW)
    frontier.postpone(waits, NOW + 60, "html", "a page")
    frontier.settle(stored, STORED, [], NOW)
    before = frontier.tally().outcomes(Kind.IMAGE)[Outcome.FAILED]
    ids = [failed.id, waits.id, stored.id, 999]
    assert frontier.reopen(ids) == [(Kind.IMAGE, Outcome.FAILED, "http_403")]
    assert frontier.reopen(ids) == []
    assert (before, frontier.tally().outcomes(Kind.IMAGE)[Outcome.FAILED]) == (2, 1)
    assert frontier.counts(Kind.IMAGE).outcomes == {"failed": 1, "stored": 1}
    assert frontier.counts(Kind.IMAGE).balanced
    again = lease(frontier)
    assert [(one.url, one.attempts) for one in again] == [(failed.url, 1), (waits.url, 1)]


def test_a_picture_that_was_replaced_can_be_asked_for_again(frontier):
    frontier.enqueue(entries("ab"))
    replaced, unwanted = lease(frontier)
    smaller = Settlement(Outcome.FILTERED, Reason.REPLACED.value, "http_403")
    frontier.settle(replaced, smaller, [entry("small")], NOW)
    frontier.settle(unwanted, Settlement(Outcome.FILTERED, "format", "a GIF"), [], NOW)
    taken_back = [(Kind.IMAGE, Outcome.FILTERED, "replaced")]
    assert frontier.tally().ended(Kind.IMAGE, Outcome.FILTERED) == 2
    assert frontier.reopen([replaced.id, unwanted.id]) == taken_back
    assert frontier.tally().ended(Kind.IMAGE, Outcome.FILTERED) == 1
    assert urls(lease(frontier)) == ["h/a", "h/small"]
    assert frontier.counts(Kind.IMAGE).balanced


@pytest.mark.parametrize(
    ("probe", "order"),
    [(Probe.FAILED, "badec"), (Probe.FRESH, "debac"), (Probe.NONE, "abcde")],
    ids=lambda value: str(value),
)
def test_a_probe_takes_what_has_failed_or_what_has_not(frontier, probe, order):
    frontier.enqueue(entries("abcde"))
    for name, times in (("a", 1), ("b", 2), ("c", 3)):
        for _ in range(times):
            (one,) = [e for e in lease(frontier) if e.url.endswith(name) or frontier.release(e)]
            frontier.postpone(one, NOW, "reset", "")
    leased = [frontier.lease(1, NOW, lambda host: 1, lambda host: probe) for _ in order]
    assert [urls(one) for one in leased] == [[f"h/{name}"] for name in order]


def test_what_was_refused_last_is_ready_again(backend):
    frontier = backend.open()
    frontier.enqueue([*entries("abcdefg"), *entries("x", "y")])
    no, gone = Settlement(Outcome.FAILED, "no"), Settlement(Outcome.FAILED, "http_404")
    ends = {
        "h/a": (no, NOW),  # before the last that was given
        "h/b": (STORED, NOW + 1),
        "h/c": (no, NOW + 2),  # one more than are asked for again
        "h/d": (no, NOW + 3),
        "h/e": (gone, NOW + 4),  # says nothing of the others
        "h/f": (no, NOW + 5),
        "y/x": (no, NOW - 6),  # long before
    }
    for one in lease(frontier):
        (url,) = urls([one])
        if url in ends:
            frontier.settle(one, *ends[url][:1], [], ends[url][1])
        else:
            frontier.release(one)
    frontier = backend.open()
    assert frontier.requeue_undecided(lambda reason: reason == "no", 10.0, 2) == 2
    assert urls(lease(frontier)) == ["h/d", "h/f", "h/g"]
    assert frontier.counts(Kind.IMAGE).balanced


@pytest.mark.parametrize("reasons", [None, {"reset", "http_500"}])
def test_what_failed_is_ready_again(backend, reasons):
    frontier = backend.open()
    frontier.enqueue(entries("abcd"))
    frontier.enqueue([Entry(b"bad", Kind.IMAGE, "", "no url", outcome=Outcome.FAILED, reason="x")])
    ends = (STORED, *(Settlement(Outcome.FAILED, reason) for reason in ("reset", "html")))
    *three, last = lease(frontier)
    for one, end in zip(three, ends, strict=True):
        frontier.settle(one, end, [], NOW)
    frontier.settle(last, Settlement(Outcome.FILTERED, "too_small"), [], NOW)
    assert frontier.requeue_failed(reasons) == (2 if reasons is None else 1)
    frontier = backend.open()
    again = lease(frontier)
    assert urls(again) == (["h/b", "h/c"] if reasons is None else ["h/b"])
    assert {one.attempts for one in again} == {0}
    assert frontier.counts(Kind.IMAGE).balanced


def test_a_host_whose_failures_are_run_again_is_asked_afresh_unless_it_is_paused(backend):
    frontier = backend.open()
    frontier.enqueue(one for host in ("other", "paused", "slow") for one in entries("a", host))
    for one in lease(frontier):
        frontier.settle(one, STORED if one.host == "other" else GONE, [], NOW)
    rows = {"other": HostRow(0.0, b"o"), "paused": HostRow(NOW + 9, b"p")}
    for host, row in {**rows, "slow": HostRow(0.0, b"s")}.items():
        frontier.host_table.keep(host, row)
    assert frontier.requeue_failed(None) == 2
    frontier = backend.open()
    assert frontier.host_table.all() == rows
    assert urls(lease(frontier)) == ["slow/a"]
