"""What is asked for next, and how does an entry end? A real frontier, a clock we turn."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.statscollectors import MemoryStatsCollector
from scrapy.utils.request import fingerprint
from scrapy.utils.test import get_crawler
from twisted.python.failure import Failure as TxFailure

from imagecrawl.errors import EncodeError
from imagecrawl.frontier.codec import RequestCodec
from imagecrawl.frontier.dispatch import Dispatcher
from imagecrawl.frontier.endings import Endings
from imagecrawl.frontier.entry import Entry
from imagecrawl.frontier.hosts import Hosts
from imagecrawl.frontier.intake import Intake
from imagecrawl.frontier.leases import Lease
from imagecrawl.frontier.ledger import open_ledger
from imagecrawl.frontier.sqlite import SqliteFrontier
from imagecrawl.items import ImageItem, ImageRecord
from imagecrawl.meta import ITEM_KEY
from imagecrawl.outcomes import Kind
from imagecrawl.policies.failures import Failure, Retry
from imagecrawl.requests import NAMED_CALLBACKS, image_request
from tests.frontier.support import Clock, config

RESET = Failure("reset", "by peer", Retry.FULL)
DOUBTFUL = Failure("html", "a page", Retry.FEW)
GONE = Failure("http_404", "HTTP status 404")


class Shop(Spider):
    name = "shop"

    def parse(self, response: Any) -> None: ...


class Table:
    """A dispatcher, and what it works with."""

    def __init__(self, path: Path, *, times: int = 3, few: int = 1, per_host: int = 4) -> None:
        self.clock = Clock()
        self.delays: dict[str, float] = {}
        self.frontier = SqliteFrontier(path)
        self.intake = Intake(RequestCodec(Shop(), NAMED_CALLBACKS), fingerprint)
        self.stats = MemoryStatsCollector(get_crawler())
        limits = {
            "RETRY_TIMES": times,
            "IMAGECRAWL_DOUBTFUL_RETRY_TIMES": few,
            "CONCURRENT_REQUESTS": 8,
            "CONCURRENT_REQUESTS_PER_DOMAIN": per_host,
        }
        self.hosts = Hosts(
            self.frontier.host_table, config(**limits).hosts, self.clock, random.Random(8)
        )
        self.dispatcher = Dispatcher(
            self.frontier,
            self.hosts,
            self.intake,
            config(**limits),
            self.stats,
            delay_of=lambda host: self.delays.get(host, 0.0),
            clock=self.clock,
            rng=random.Random(7),
        )

    def add(self, *requests: Request | str) -> None:
        made = (Request(one) if isinstance(one, str) else one for one in requests)
        entries = [self.intake.entry(one) for one in made]
        for entry in entries:
            for _ in range(99):  # long known, and well
                self.hosts.begun(entry.host)
        self.frontier.enqueue(entries)

    def lease(self) -> list[Lease]:
        leases = [self.dispatcher.lease_of(request) for request in self.dispatcher.lease()]
        assert all(leases)
        return leases  # type: ignore[return-value]

    def one(self) -> Lease:
        (lease,) = self.lease()
        return lease

    def end(self, lease: Lease, failure: Failure | None = None) -> None:
        """What the spider middleware does at the end of a callback."""
        self.dispatcher.answered(lease)
        lease.failure, lease.finished = failure, True
        self.dispatcher.finish(lease)

    def pages(self) -> dict[str, int]:
        return self.frontier.counts(Kind.PAGE).outcomes

    def images(self) -> dict[str, int]:
        return self.frontier.counts(Kind.IMAGE).outcomes


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    table = Table(tmp_path / "frontier.sqlite")
    yield table
    table.frontier.close()


def waits(table: Table, failure: Failure) -> list[float]:
    """Fail the only entry for as long as there is another attempt; return the waits."""
    found: list[float] = []
    while leases := table.lease():
        (lease,) = leases
        assert lease.entry.attempts == len(found)
        table.end(lease, failure)
        due = table.dispatcher.next_wake()
        if due is None:
            break
        found.append(due - table.clock.now)
        table.clock.now = due - 0.001
        assert table.lease() == []
        table.clock.now = due
    return found


# --- attempts -------------------------------------------------------------------------------


def test_the_waits_between_the_attempts_grow(tmp_path):
    table = Table(tmp_path / "frontier.sqlite", times=10)
    table.add("http://h/")
    found = waits(table, RESET)
    assert len(found) == 10
    for wait, least in zip(found, (1, 2, 4, 8, 16, 32, 60, 60, 60, 60), strict=True):
        assert least <= wait <= least * 1.25
    assert found[:7] == sorted(found[:7])
    assert table.pages() == {"failed": 1}
    assert table.stats.get_value("imagecrawl/retry/reset") == 10
    assert table.stats.get_value("imagecrawl/pages/failed/reset") == 1
    table.frontier.close()


@pytest.mark.parametrize(
    ("times", "few", "failure", "meta", "retries"),
    [
        (3, 1, RESET, {}, 3),
        (0, 1, RESET, {}, 0),
        (3, 1, DOUBTFUL, {}, 1),
        (1, 5, DOUBTFUL, {}, 1),
        (3, 1, GONE, {}, 0),
        (3, 1, RESET, {"max_retry_times": 5}, 5),
        (3, 1, RESET, {"max_retry_times": 1}, 1),
        (3, 1, RESET, {"max_retry_times": 0}, 0),
        (3, 1, RESET, {"max_retry_times": None}, 3),
        (3, 1, DOUBTFUL, {"max_retry_times": 9}, 1),
        (3, 1, RESET, {"dont_retry": True}, 0),
        (3, 1, RESET, {"dont_retry": True, "max_retry_times": 9}, 0),
        (3, 1, RESET, {"dont_retry": False}, 3),
    ],
)
def test_how_often_a_failure_is_tried_again(tmp_path, times, few, failure, meta, retries):
    table = Table(tmp_path / "frontier.sqlite", times=times, few=few)
    table.add(Request("http://h/", meta=meta))
    assert len(waits(table, failure)) == retries
    counts = table.frontier.counts(Kind.PAGE)
    assert counts.reasons == {"failed": {failure.reason: 1}}
    assert counts.balanced
    table.frontier.close()


def test_a_success_after_failures(table):
    table.add("http://h/")
    table.end(table.one(), RESET)
    table.clock.now += 10
    lease = table.one()
    assert lease.entry.attempts == 1
    table.end(lease)
    assert table.pages() == {"crawled": 1}
    assert table.frontier.drained()
    assert table.dispatcher.in_work == 0


def test_a_retry_survives_a_restart(tmp_path):
    path = tmp_path / "frontier.sqlite"
    table = Table(path)
    table.add("http://h/")
    table.end(table.one(), RESET)
    table.frontier.close()
    table = Table(path)
    assert table.lease() == []
    table.clock.now += 10
    assert table.one().entry.attempts == 1
    table.frontier.close()


def test_a_clock_that_was_ahead_holds_up_no_retry(tmp_path):
    path = tmp_path / "frontier.sqlite"
    table = Table(path)
    table.clock.now += 86_400
    table.add("http://h/")
    table.end(table.one(), RESET)
    table.frontier.close()
    table = Table(path)  # the clock has been put right
    longest = config().longest_wait_secs
    assert longest >= config().retry.backoff.max_secs
    table.clock.now += longest - 1
    assert table.lease() == []
    table.clock.now += 1
    assert table.one().entry.attempts == 1
    table.frontier.close()


def test_a_failure_without_a_second_chance_keeps_its_children(table):
    table.add("http://h/")
    lease = table.one()
    table.dispatcher.add_child(lease, image_request("http://h/a.jpg"))
    table.end(lease, Failure("spider_error", "KeyError"))
    assert table.pages() == {"failed": 1}
    assert table.one().entry.url == "http://h/a.jpg"


# --- manners --------------------------------------------------------------------------------


def test_never_more_of_a_host_in_flight_than_it_may_have(tmp_path):
    table = Table(tmp_path / "frontier.sqlite", per_host=3)
    rng = random.Random(1)
    table.add(*(f"http://{host}/{n}" for n in range(30) for host in "abc"))
    flying: list[Lease] = []
    settled = 0
    while settled < 90:
        flying += table.lease()
        in_flight = Counter(lease.entry.host for lease in flying)
        assert max(in_flight.values()) <= 3
        lease = flying.pop(rng.randrange(len(flying)))
        if rng.random() < 0.3 and table.dispatcher.retries.retry(lease, RESET):
            table.clock.now += 5
            continue
        table.end(lease)
        settled += 1
    assert table.frontier.drained()
    assert table.frontier.counts(Kind.PAGE).balanced
    table.frontier.close()


def test_an_answered_request_makes_room_before_its_items_are_stored(tmp_path):
    table = Table(tmp_path / "frontier.sqlite", per_host=1)
    table.add("http://h/1", "http://h/2")
    lease = table.one()
    assert table.lease() == []
    table.dispatcher.answered(lease)
    table.dispatcher.answered(lease)  # the second time counts for nothing
    assert table.one().entry.url == "http://h/2"
    assert table.lease() == []
    table.frontier.close()


def test_no_more_leases_than_the_crawl_can_use(tmp_path):
    table = Table(tmp_path / "frontier.sqlite")
    table.add(*(f"http://h{n}/" for n in range(100)))
    count = len(table.lease())
    assert 8 <= count < 100
    assert table.dispatcher.full
    assert table.dispatcher.in_work == count
    assert table.lease() == []
    table.frontier.close()


def test_of_a_slow_host_one_request_waits_in_the_downloader(table):
    """Its slot keeps the delay; more of them would take the places of other hosts."""
    table.add(*(f"http://slow/{n}" for n in range(3)), *(f"http://fast/{n}" for n in range(3)))
    table.delays = {"slow": 10.0, "fast": 0.01}
    assert Counter(lease.entry.host for lease in table.lease()) == {"slow": 1, "fast": 3}
    assert table.lease() == []
    table.clock.now += 100
    assert table.lease() == []  # it has not been sent yet
    assert table.hosts.enter("slow")
    assert table.one().entry.url == "http://slow/1"
    assert table.hosts.enter("slow")
    assert table.lease() == []
    assert table.dispatcher.next_wake() == table.clock.now + 5
    table.delays = {}  # it has recovered
    assert table.one().entry.url == "http://slow/2"


def test_a_clock_that_is_put_back_holds_up_no_slow_host(table):
    table.add(*(f"http://slow/{n}" for n in range(2)))
    table.delays = {"slow": 10.0}
    table.clock.now += 3_600
    table.one()
    assert table.hosts.enter("slow")
    table.clock.now -= 3_600
    assert table.lease() == []
    assert table.dispatcher.next_wake() == table.clock.now + 5
    table.clock.now += 5
    assert table.one().entry.url == "http://slow/1"


def test_hosts_that_are_done_are_forgotten(table):
    """A list of millions of hosts must not fill the memory."""
    for number in range(500):
        table.add(f"http://h{number}/")
        table.end(table.one())
    assert len(table.dispatcher._pacing._last) <= 2 * table.dispatcher._capacity < 500


# --- the ends -------------------------------------------------------------------------------


def record(url: str, status: str = "stored", **more: Any) -> ImageRecord:
    return ImageRecord({"url": url, "status": status, "sha256": "ab" * 32, **more})


@pytest.mark.parametrize("status", ["stored", "duplicate"])
def test_an_image_ends_with_its_record(table, status):
    table.add(image_request("http://h/a.jpg"))
    lease = table.one()
    lease.records.append(record("http://h/a.jpg", status))
    table.end(lease)
    assert table.images() == {status: 1}
    table.frontier.commit()
    with open_ledger(table.frontier.path) as ledger:
        assert [json.loads(one)["url"] for one in ledger.images()] == ["http://h/a.jpg"]


def test_an_image_without_a_record_was_not_wanted(table):
    table.add(image_request("http://h/a.jpg"))
    table.end(table.one())
    assert table.images() == {"filtered": 1}


@pytest.mark.parametrize(
    ("reason", "asked"),
    [
        ("http_404", ["http://h/small.jpg"]),
        ("host_down", []),
        ("local", []),
        ("pipeline_error", []),
        ("shutdown", []),
        ("spider_error", []),
        ("swallowed", []),
    ],
)
def test_another_size_is_asked_for_if_it_is_not_our_side_that_failed(table, reason, asked):
    table.add(image_request("http://h/large.jpg", alternatives=["http://h/small.jpg"]))
    table.end(table.one(), Failure(reason))
    assert table.images() == ({"filtered": 1} if asked else {"failed": 1})
    assert [lease.entry.url for lease in table.lease()] == asked


def test_a_later_item_follows_the_picture_to_its_next_size(table):
    picture = image_request("http://h/large.jpg", alternatives=["http://h/small.jpg"])
    picture.meta[ITEM_KEY] = True
    page = Entry(b"page", Kind.PAGE, "h", "http://h/")
    table.frontier.enqueue([table.intake.entry(picture.copy(), page, index) for index in (0, 1)])
    large, waits = table.frontier.lease(2, 0.0, lambda host: 2)
    table.frontier.release(large)
    table.frontier.release(waits)
    table.end(table.lease()[0], GONE)
    table.clock.now += 60
    urls = []
    while leases := table.lease():
        for lease in leases:
            urls.append(lease.entry.url)
            made = record(lease.entry.url, sha256=f"{len(urls):02x}", path="full/x")
            lease.records.append(made)
            table.end(lease)
        table.clock.now += 60
    assert urls == ["http://h/small.jpg"] * 2
    assert table.images() == {"filtered": 2, "stored": 2}


def fail_the_first(table: Table, *images: tuple[str, str]) -> None:
    """Crawl a page of two images (URL, content), the first of which fails behind its record."""
    ended = Endings(table.dispatcher, frozenset(), pytest.fail, lambda: None)
    table.add("http://h/")
    (request,) = table.dispatcher.lease()
    lease = table.dispatcher.lease_of(request)
    assert lease is not None
    page = Response(request.url, request=request)
    lease.items = len(images)
    for url, content in images:
        ended.image_recorded(record(url, sha256=content), lease.entry.id)
    first, second = (ImageItem(url, b"", sha256=content) for url, content in images)
    ended.item_error(first, page, TxFailure(KeyError()))
    ended.item_scraped(second, page)
    table.end(lease, lease.failure)


@pytest.mark.parametrize("second", ["http://h/a.jpg", "http://h/b.jpg"])
def test_of_two_items_with_the_same_bytes_one_may_fail(table, second):
    fail_the_first(table, ("http://h/a.jpg", "aa"), (second, "aa"))
    assert (table.pages(), table.images()) == ({"failed": 1}, {"stored": 1})


def test_an_item_that_fails_after_it_was_recorded_is_not_stored(table):
    fail_the_first(table, ("http://h/a.jpg", "aa"), ("http://h/b.jpg", "bb"))
    assert (table.pages(), table.images()) == ({"failed": 1}, {"stored": 1})
    table.frontier.commit()
    with open_ledger(table.frontier.path) as ledger:
        assert [json.loads(one)["url"] for one in ledger.images()] == ["http://h/b.jpg"]


def test_an_entry_is_not_done_before_its_items_are(table):
    table.add("http://h/")
    lease = table.one()
    lease.items = 1
    table.end(lease)
    assert table.pages() == {}
    assert table.dispatcher.in_work == 1
    lease.items = 0
    table.dispatcher.finish(lease)
    assert table.pages() == {"crawled": 1}


def test_what_the_store_could_not_take_stays_pending(table):
    table.add(image_request("http://h/a.jpg"))
    lease = table.one()
    lease.kept = True
    table.end(lease, Failure("pipeline_error", "disk full"))
    assert table.images() == {}
    again = table.one()
    assert again.entry.attempts == 0
    table.end(again)


def test_what_is_given_back_counts_no_attempt(table):
    table.add("http://h/")
    table.dispatcher.retries.give_back(table.one())
    assert table.dispatcher.in_work == 0
    assert table.one().entry.attempts == 0


def lose_network(table: Table) -> None:
    """Three hosts that have answered fail."""
    tickets = [table.hosts.enter(host) for host in ("a.com", "b.com", "c.com") for _ in range(2)]
    for ticket in tickets[::2]:
        table.hosts.answered(ticket)
    for ticket in tickets[1::2]:
        table.hosts.failed(ticket, "refused")
    assert table.hosts.outages.active
    table.lease()


def test_an_outage_costs_what_is_in_work_again_when_it_is_noticed_an_attempt(table):
    """Else the broken URLs of several hosts would look fresh, and be the probes for ever."""
    table.add("http://h/1", "http://a.com/", "http://b.com/", "http://c.com/")
    first, *others = table.lease()
    assert table.dispatcher.retries.retry(first, RESET)
    table.clock.now = table.dispatcher.next_wake()
    again = table.one()
    assert again.entry.attempts == 1
    lose_network(table)
    for lease in (again, *others):
        table.dispatcher.retries.give_back(lease)
    entries = table.frontier.lease(9, table.clock.now, lambda _: 9)
    assert {one.url for one in entries if one.attempts} == {"http://h/1"}


def test_what_was_cut_just_before_an_outage_was_noticed_belongs_to_it(table):
    table.add("http://h/1", "http://h/2")
    first, second = table.lease()
    assert table.dispatcher.retries.retry(first, RESET)
    table.clock.now += 60
    assert table.dispatcher.retries.retry(second, RESET)
    table.clock.now += 4
    lose_network(table)
    waiting = table.frontier.lease(9, table.clock.now + 9, lambda _: 9)
    assert {one.url: one.attempts for one in waiting} == {"http://h/1": 1, "http://h/2": 0}


def test_what_a_component_has_swallowed_is_accounted_for(table):
    table.add("http://h/1", "http://h/2", image_request("http://h/3"))
    *lost, kept = table.lease()
    kept.kept = True
    assert table.dispatcher.give_up_lost() == 3
    assert table.dispatcher.in_work == 0
    assert {lease.entry.url for lease in lost} == {"http://h/3", "http://h/1"}
    assert table.one().entry.url == "http://h/2"
    for kind in (Kind.PAGE, Kind.IMAGE):
        assert table.frontier.counts(kind).reasons == {"failed": {"swallowed": 1}}
    assert table.frontier.requeue_failed(None) == 2


def test_a_request_without_a_lease_has_none(table):
    assert table.dispatcher.lease_of(None) is None
    assert table.dispatcher.lease_of(Request("http://h/")) is None
    for id_ in (7, "7", None, [7]):
        assert table.dispatcher.lease_by_id(id_) is None


@pytest.mark.parametrize(
    "data",
    [
        {"url": "http://h/", "callback": "renamed"},
        {"url": "http://h/", "_class": "shop.requests.MovedRequest"},
    ],
    ids=["a method that is gone", "a class that has moved"],
)
def test_what_cannot_be_made_a_request_again_stops_the_crawl_and_stays(table, data):
    """The spider has lost a method: its whole queue must not be called failed for that."""
    bad = table.intake.entry(Request("http://h/"))
    bad.request = msgspec.msgpack.encode(data)
    table.add("http://other/1")
    table.frontier.enqueue([bad])
    table.add("http://other/2", "http://another/")
    for _ in range(2):
        with pytest.raises(EncodeError, match=r"renamed|MovedRequest"):
            table.dispatcher.lease()
    assert table.dispatcher.in_work == 0  # the neighbours, too: none of them has been sent
    assert table.dispatcher.give_up_lost() == 0
    assert table.frontier.ready() == table.frontier.counts(Kind.PAGE).pending == 4
    assert table.hosts.room("other") == 4


@pytest.mark.parametrize(
    "value",
    [object(), {(1, 2): 3}, "\ud83d", 2**80, float("nan"), {1, 2}, b"\xff", {"deep": [Path("x")]}],
    ids=["object", "tuple-key", "surrogate", "int", "nan", "set", "bytes", "path"],
)
def test_an_item_may_hold_anything(table, value):
    table.add(image_request("http://h/a.jpg"))
    lease = table.one()
    lease.records.append(record("http://h/a.jpg", mine=value))
    table.end(lease)
    assert table.images() == {"stored": 1}
