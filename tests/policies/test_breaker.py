"""Is a host in trouble, and how is it asked meanwhile?"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagecrawl.policies.backoff import Backoff
from imagecrawl.policies.breaker import Breaker
from imagecrawl.policies.health import BreakerRules, HostHealth
from imagecrawl.policies.ticket import Event, Phase, Ticket

LONGEST = 60.0
RULES = BreakerRules(
    {"http_429": 1, "http_503": 2, "reset": 2, "refused": 2, "timeout": 3},
    Backoff(1.0, LONGEST, 0.25),
    give_up_secs=600.0,
    rounds_unknown=10,
    start_delay_secs=0.1,
    max_delay_secs=30.0,
)


@dataclass
class Host:
    """A breaker, its clock and its dice."""

    breaker: Breaker = field(default_factory=lambda: Breaker("h", RULES))
    now: float = 1_000.0
    rng: random.Random = field(default_factory=lambda: random.Random(1))

    @property
    def phase(self) -> Phase:
        return self.breaker.phase(self.now)

    @property
    def health(self) -> HostHealth:
        return self.breaker.health

    def send(self, count: int = 1) -> list[Ticket]:
        tickets = [self.breaker.enter(self.now) for _ in range(count)]
        assert all(tickets)
        return tickets  # type: ignore[return-value]

    def fail(self, ticket: Ticket, reason: str = "reset", wait: float | None = None) -> Event:
        self.breaker.leave(ticket)
        return self.breaker.failed(ticket, reason, self.now, self.rng, wait)

    def succeed(self, ticket: Ticket) -> bool:
        self.breaker.leave(ticket)
        return self.breaker.answered(ticket, self.now)

    def open(self) -> None:
        (one,) = self.send()
        self.fail(one)
        (two,) = self.send()
        assert self.fail(two) is Event.OPENED

    def pause_over(self) -> None:
        self.now = self.health.paused_until


def test_one_failure_makes_it_suspect_and_a_later_success_clears_it() -> None:
    host = Host()
    one, two, three = host.send(3)
    assert host.fail(two) is Event.NOTHING
    assert host.phase is Phase.SUSPECT
    host.succeed(one)  # sent before the one that failed: says nothing
    assert host.phase is Phase.SUSPECT
    host.succeed(three)
    assert host.phase is Phase.CLOSED


def test_a_suspect_host_has_one_request_at_a_time() -> None:
    host = Host()
    host.fail(*host.send())
    (probe,) = host.send()
    assert host.breaker.enter(host.now) is None
    assert host.breaker.probes_left(host.now) == 0
    host.succeed(probe)
    host.send(8)


@given(st.integers(1, 100), st.randoms())
def test_a_burst_is_one_event(size: int, order: random.Random) -> None:
    host = Host()
    burst = host.send(size)
    order.shuffle(burst)
    assert {host.fail(ticket) for ticket in burst} == {Event.NOTHING}
    assert host.fail(*host.send()) is Event.OPENED
    assert host.health.pauses == 1


def test_a_burst_of_429_is_one_event() -> None:
    host = Host()
    first, *rest = host.send(16)
    assert host.fail(first, "http_429") is Event.OPENED
    until = host.health.paused_until
    assert {host.fail(ticket, "http_429") for ticket in rest} == {Event.NOTHING}
    assert (host.health.pauses, host.health.paused_until) == (1, until)


def test_what_was_in_flight_ends_no_pause_and_no_probe() -> None:
    host = Host()
    slow, first = host.send(2)
    late = host.send(1)[0]
    host.fail(first, "http_429", 10.0)
    host.succeed(slow)
    assert host.phase is Phase.OPEN
    host.pause_over()
    assert host.succeed(late) is False
    assert host.phase is Phase.HALF_OPEN
    (probe,) = host.send()
    assert host.succeed(probe) is True
    assert host.phase is Phase.CLOSED


def test_the_threshold_of_a_reason() -> None:
    host = Host()
    assert host.fail(*host.send(), "timeout") is Event.NOTHING
    assert host.fail(*host.send(), "timeout") is Event.NOTHING
    assert host.fail(*host.send(), "timeout") is Event.OPENED


def test_what_says_nothing_of_the_host_does_nothing() -> None:
    host = Host()
    for _ in range(99):
        assert host.fail(*host.send(), "http_404") is Event.NOTHING
    assert host.phase is Phase.CLOSED


def test_an_open_breaker_lets_nothing_through_and_then_one_probe() -> None:
    host = Host()
    host.open()
    assert 1.0 <= host.health.paused_until - host.now <= 1.25
    assert host.breaker.enter(host.now) is None
    assert host.breaker.enter(host.health.paused_until - 0.001) is None
    host.pause_over()
    assert host.breaker.enter(host.now) is not None
    assert host.breaker.enter(host.now) is None


def test_pauses_double_up_to_the_maximum() -> None:
    host = Host()
    host.breaker.begun()
    host.open()
    pauses = []
    for _ in range(10):
        pauses.append(host.health.paused_until - host.now)
        host.pause_over()
        assert host.fail(*host.send()) in (Event.REOPENED, Event.GAVE_UP)
    for pause, least in zip(pauses, (1, 2, 4, 8, 16, 32, 60, 60, 60, 60), strict=True):
        assert least <= pause <= 1.25 * least


def test_a_probe_that_vanishes_does_not_block_the_host() -> None:
    host = Host()
    host.open()
    host.pause_over()
    (probe,) = host.send()
    host.breaker.leave(probe)  # cancelled, at a shutdown say: no verdict
    assert host.breaker.enter(host.now) is not None


def test_a_cut_answer_closes_the_breaker_but_clears_no_suspicion() -> None:
    host = Host()
    host.fail(*host.send())
    (cut,) = host.send()
    host.breaker.leave(cut)
    assert host.breaker.cut(cut, host.now) is False
    assert host.phase is Phase.SUSPECT
    host.fail(*host.send())
    host.pause_over()
    (cut,) = host.send()
    host.breaker.leave(cut)
    assert host.breaker.cut(cut, host.now) is True


def test_retry_after_is_the_pause_and_a_longer_one_counts() -> None:
    host = Host()
    one, two, three = host.send(3)
    host.fail(one, "http_503", 20.0)
    assert host.health.paused_until == host.now + 20
    host.fail(two, "http_503", 5.0)
    assert host.health.paused_until == host.now + 20
    host.fail(three, "http_302", 50.0)
    assert host.health.paused_until == host.now + 50


def test_the_next_trouble_begins_two_pauses_before_where_the_last_one_ended() -> None:
    host = Host()
    host.open()
    for _ in range(3):
        host.pause_over()
        host.fail(*host.send())
    host.pause_over()
    host.succeed(*host.send())
    host.now += 20
    host.open()
    assert 2 <= host.health.paused_until - host.now <= 2.5
    host.pause_over()
    host.succeed(*host.send())
    host.now += 10_000
    host.open()
    assert host.health.paused_until - host.now <= 1.25


def test_a_host_that_fails_every_other_time_anyway_is_not_in_trouble() -> None:
    """Two of three first attempts are reset: no ban, only a bad server."""
    host, dice, opened = Host(), random.Random(5), 0
    for _ in range(3_000):
        ticket = host.breaker.enter(host.now)
        if ticket is None:
            host.pause_over()
            (ticket,) = host.send()
        if dice.random() < 0.5:
            opened += host.fail(ticket) is Event.OPENED
        else:
            host.succeed(ticket)
    assert opened <= 12


def test_a_host_that_is_dead_for_too_long_is_given_up_again_and_again() -> None:
    host = Host()
    host.breaker.begun()  # it has been alive
    host.open()
    began, event = host.now, Event.NOTHING
    while event is not Event.GAVE_UP:
        host.pause_over()
        event = host.fail(*host.send())
    assert host.now - began >= RULES.give_up_secs
    # Nothing waits for it now; and after the pause there is one probe again.
    assert host.breaker.given_up(host.now)
    assert host.breaker.enter(host.now) is None
    host.pause_over()
    assert not host.breaker.given_up(host.now)
    assert host.fail(*host.send()) is Event.GAVE_UP
    host.pause_over()
    assert host.succeed(*host.send()) is True
    assert host.phase is Phase.CLOSED


def test_one_long_retry_after_is_no_reason_to_give_up() -> None:
    host = Host()
    host.fail(*host.send(), "http_429", 3_600.0)
    host.pause_over()
    assert host.fail(*host.send(), "http_429", 3_600.0) is Event.REOPENED


def test_an_outage_is_forgiven_and_older_trouble_is_not() -> None:
    host = Host()
    host.open()
    assert host.breaker.forgive(host.now + 1) is False
    assert host.phase is Phase.OPEN
    assert host.breaker.forgive(host.now) is True
    assert host.phase is Phase.CLOSED


def test_slow_start() -> None:
    host, delays = Host(), []
    for _ in range(100):
        delays.append(host.breaker.delay())
        host.breaker.begun()
    assert delays[0] == 0.1
    assert delays[-1] == 0
    assert delays == sorted(delays, reverse=True)
    assert 0.5 < sum(delays) < 1.0  # seconds, until the host is at full speed


def test_a_host_that_has_never_answered_gets_the_patience_of_one_url() -> None:
    host = Host()
    host.open()
    probes, event = 0, Event.NOTHING
    while event is not Event.GAVE_UP:
        host.pause_over()
        event = host.fail(*host.send())
        probes += 1
    assert probes == RULES.rounds_unknown + 3


steps = st.lists(
    st.tuples(
        st.sampled_from(["send", "ok", "reset", "http_429", "refused", "cut", "gone", "wait"]),
        st.floats(0, 30),
        st.integers(0, 7),
    ),
    max_size=150,
)


@given(steps)
def test_whatever_happens(script: list[tuple[str, float, int]]) -> None:
    """Delays are never negative nor above the cap, nothing is sent into a pause, at most one
    probe is out, and pauses only grow within a run of trouble."""
    host, out = Host(), []
    last = (0, 0.0)
    for what, secs, which in script:
        host.now += secs / 10
        before = host.phase
        if what == "send":
            ticket = host.breaker.enter(host.now)
            assert (ticket is None) == (host.breaker.active < len(out) + 1)
            assert ticket is None or before is not Phase.OPEN
            out += [ticket] if ticket else []
        elif out:
            ticket = out.pop(which % len(out))
            if what == "ok":
                host.succeed(ticket)
            elif what == "cut":
                host.breaker.leave(ticket)
                host.breaker.cut(ticket, host.now)
            elif what == "gone":
                host.breaker.leave(ticket)
            elif what == "wait":
                host.fail(ticket, "http_429", secs)
            else:
                host.fail(ticket, what)
        health = host.health
        assert host.breaker.active == len(out)
        assert 0 <= health.delay <= RULES.max_delay_secs
        assert health.paused_until - host.now <= max(1.25 * LONGEST, 30)
        if health.pauses and last[0]:
            assert health.pauses >= last[0]
            assert health.paused_until >= min(last[1], host.now)
        last = (health.pauses, health.paused_until)


@pytest.mark.parametrize("size", [2, 8])
def test_the_requests_that_a_ban_of_half_a_minute_costs(size: int) -> None:
    """Banned while *size* requests are in flight: those, a quick probe, and five more."""
    host = Host()
    banned_until, wasted = host.now + 30, 0
    for ticket in host.send(size):
        host.fail(ticket)
        wasted += 1
    while True:
        ticket = host.breaker.enter(host.now)
        if ticket is None:
            host.pause_over()
        elif host.now < banned_until:
            host.fail(ticket)
            wasted += 1
        else:
            assert host.succeed(ticket)
            break
    assert wasted <= size + 6
