"""How is each host, and may it be asked now?"""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from imagecrawl.frontier.bans import Given
from imagecrawl.frontier.entry import Pause
from imagecrawl.frontier.hosts import Hosts
from imagecrawl.frontier.ledger import open_ledger
from imagecrawl.frontier.sqlite import SqliteFrontier
from imagecrawl.policies.ticket import Ticket
from tests.frontier.support import Clock, config, entries, lease, urls


class Town:
    """The hosts of a job, which can be closed and opened again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = Clock()
        self.stats: Counter[str] = Counter()
        self.open()

    def open(self) -> None:
        self.frontier = SqliteFrontier(self.path)
        limits = config(
            CONCURRENT_REQUESTS_PER_DOMAIN=4,
            IMAGECRAWL_RETRY_AFTER_MAX_SECS=100,
            IMAGECRAWL_HOST_GIVE_UP_SECS=50,
            RETRY_TIMES=1,
        ).hosts
        count = self.stats.update
        self.hosts = Hosts(
            self.frontier.host_table,
            limits,
            self.clock,
            random.Random(3),
            lambda stat: count([stat]),
        )

    def reopen(self) -> None:
        self.frontier.close()
        self.open()

    def send(self, host: str = "h") -> Ticket:
        self.hosts.leased(host)
        ticket = self.hosts.enter(host)
        assert ticket is not None
        return ticket

    def end(self, ticket: Ticket, reason: str | None = None, wait: float | None = None) -> None:
        if reason is None:
            self.hosts.answered(ticket)
        else:
            self.hosts.failed(ticket, reason, wait)
        self.hosts.leave(ticket)
        self.hosts.unleased(ticket.host)

    def pause_over(self, host: str = "h") -> None:
        self.clock.now = self.hosts.paused_until(host)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town(tmp_path / "frontier.sqlite")
    yield town
    town.frontier.close()


def test_the_room_of_a_host(town: Town) -> None:
    tickets = [town.send() for _ in range(4)]
    assert town.hosts.room("h") == 0
    assert town.hosts.room("other") == 4
    town.end(tickets.pop())
    assert town.hosts.room("h") == 1
    town.end(tickets.pop(), "reset")
    assert town.hosts.room("h") == 1  # one at a time, whatever else is still on its way
    town.hosts.leased("h")
    assert town.hosts.room("h") == 0  # it has not been sent yet
    assert town.hosts.probing("h")


@pytest.mark.parametrize("restarted", [False, True])
def test_a_pause_outlives_the_process(town: Town, restarted: bool) -> None:
    town.end(town.send(), "http_429", 30.0)
    until = town.clock.now + 30
    if restarted:
        town.reopen()
    assert town.hosts.paused_until("h") == until
    assert town.hosts.room("h") == 0
    assert town.hosts.enter("h") is None
    town.clock.now = until
    assert town.hosts.room("h") == 1
    town.end(town.send())
    assert town.hosts.room("h") == 4
    assert town.stats["imagecrawl/hosts/opened"] == 1
    assert town.stats["imagecrawl/hosts/recovered"] == 1


def test_a_clock_that_was_ahead_holds_up_no_host(town: Town) -> None:
    town.frontier.enqueue(entries("a"))
    town.clock.now += 86_400
    town.end(town.send(), "http_429", 30.0)
    town.clock.now -= 86_400
    town.reopen()
    until = town.hosts.paused_until("h")
    assert 0 < until - town.clock.now <= 300  # the longest pause of all
    assert lease(town.frontier, now=until - 1) == []
    assert urls(lease(town.frontier, now=until)) == ["h/a"]


def test_each_pause_is_on_record(town: Town) -> None:
    began = town.clock.now
    town.end(town.send(), "http_429", 30.0)
    town.pause_over()
    town.end(town.send(), "reset")
    town.reopen()
    with open_ledger(town.path) as ledger:
        first, second = ledger.pauses()
    assert first == Pause("h", began, began + 30, "http_429")
    assert (second.host, second.began, second.reason) == ("h", began + 30, "reset")
    assert second.until == town.hosts.paused_until("h")


def test_retry_after_has_its_bound(town: Town) -> None:
    town.end(town.send(), "http_503", 10.0**9)
    assert town.hosts.paused_until("h") == town.clock.now + 100


def test_the_delay_outlives_the_process_and_ends(town: Town) -> None:
    for _ in range(99):
        town.hosts.begun("h")
    town.end(town.send(), "http_429", 30.0)
    town.pause_over()
    town.end(town.send())
    assert town.hosts.delay("h") == pytest.approx(1.0)
    town.reopen()
    assert town.hosts.delay("h") == pytest.approx(1.0)
    for _ in range(99):
        town.hosts.begun("h")
    for _ in range(20_000):
        town.end(town.send())
    assert town.hosts.delay("h") == 0
    assert town.frontier.host_table.all() == {}


def test_what_the_host_itself_asks_for_is_a_floor(town: Town) -> None:
    for _ in range(99):
        town.hosts.begun("h")
    town.hosts.set_floor("h", 7.0)
    assert town.hosts.delay("h") == 7.0


def test_a_host_that_is_given_up_is_leased_again_so_that_it_can_fail(town: Town) -> None:
    town.hosts.begun("h")
    town.end(town.send(), "refused")
    town.end(town.send(), "refused")
    while not town.hosts.given_up("h"):
        town.pause_over()
        town.end(town.send(), "refused")
    assert town.hosts.room("h") == 4
    assert town.hosts.enter("h") is None
    town.reopen()  # the next run begins with a probe
    assert not town.hosts.given_up("h")
    assert town.hosts.room("h") in (0, 1)


@pytest.mark.parametrize(("reason", "told"), [("", 0), ("http_403", 1)])
def test_a_host_that_is_only_suspected_to_refuse_everything_is_not_told_of(
    town: Town, caplog: pytest.LogCaptureFixture, reason: str, told: int
) -> None:
    caplog.set_level(logging.INFO)
    ticket = town.send()
    town.end(ticket)
    town.hosts.bans.gave(ticket, Given(0, True, "http://h/0.jpg"))
    for number in range(1, 6):
        ticket = town.send()
        town.end(ticket)
        town.hosts.bans.refused(ticket, Given(number, True, ""), "http_403")
    assert town.hosts.bans.refuses("h")
    assert caplog.messages == []
    town.pause_over()
    town.hosts.witnessed(town.send(), reason, None)
    assert town.hosts.bans.refuses("h") == bool(reason)
    assert [message[:15] for message in caplog.messages] == ["h is in trouble"] * told


def test_an_outage_is_nobodys_fault(town: Town) -> None:
    hosts = ["a.com", "b.com", "c.com"]
    for host in hosts:
        town.end(town.send(host))
    tickets = [town.send(host) for host in hosts for _ in range(2)]
    for ticket in tickets:
        town.end(ticket, "dns")
    assert town.hosts.outages.active
    assert town.hosts.take_outage() == town.clock.now
    assert town.hosts.take_outage() is None
    assert town.frontier.host_table.all() == {}
    assert town.hosts.limit(32) == 0
    probe_at = town.hosts.outages.next_probe()
    assert probe_at is not None
    town.clock.now = probe_at
    assert town.hosts.limit(32) == 1
    probe = town.send("b.com")
    assert town.hosts.limit(32) == 0
    assert town.hosts.enter("a.com") is None
    town.end(probe, "refused")
    assert town.hosts.limit(32) == 0
    town.clock.now = town.hosts.outages.next_probe() or 0.0
    town.end(town.send("c.com"))
    assert not town.hosts.outages.active
    assert {town.hosts.room(host) for host in hosts} == {4}
    assert town.stats["imagecrawl/outages"] == 1


def test_hosts_of_one_site_are_no_outage(town: Town) -> None:
    hosts = ["a.shop.com", "b.shop.com", "c.shop.com"]
    for host in hosts:
        town.end(town.send(host))
    for host in hosts:
        town.end(town.send(host), "refused")
    assert not town.hosts.outages.active


def test_an_outage_that_does_not_end_is_given_up(town: Town) -> None:
    for host in ("a.com", "b.com", "c.com"):
        town.end(town.send(host))
    for host in ("a.com", "b.com", "c.com"):
        town.end(town.send(host), "refused")
    began = town.clock.now
    while town.hosts.outages.active:
        town.clock.now = town.hosts.outages.next_probe() or 0.0
        town.end(town.send("a.com"), "refused")
    assert 50 <= town.clock.now - began <= 100


def test_millions_of_hosts_are_not_kept(town: Town) -> None:
    for number in range(10_500):
        town.end(town.send(f"h{number}"))
    assert len(town.hosts._breakers.all()) <= 10_001
