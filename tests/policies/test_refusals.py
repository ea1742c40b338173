from __future__ import annotations

import random

import msgspec
import pytest

from imagecrawl.policies.breaker import Breaker, Event, Phase
from imagecrawl.policies.health import HostHealth
from imagecrawl.policies.refusals import Refusals, is_refusal
from tests.policies.simulated import RULES


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        *(("http_403", True), ("http_401", True), ("http_500", True), ("http_418", True)),
        *(("html", True), ("empty", True), ("not_an_image", True)),
        *(("http_404", False), ("http_410", False), ("http_302", False), ("http_204", False)),
        *(("reset", False), ("corrupt", False), ("too_small", False), ("", False)),
    ],
)
def test_what_may_be_a_refusal_of_everything(reason: str, says: bool) -> None:
    assert is_refusal(reason) is says


def given() -> Refusals:
    refusals = Refusals()
    refusals.gave(1, "http://h/1.jpg", picture=True)
    return refusals


def test_five_in_a_row_are_worth_the_question() -> None:
    refusals = given()
    assert [refusals.refused(n, n) for n in range(2, 7)] == [False] * 4 + [True]
    assert refusals.take() == [2, 3, 4, 5, 6]
    assert refusals.take() == []


def test_a_host_that_has_given_nothing_refuses_nothing() -> None:
    refusals = Refusals()
    assert not any(refusals.refused(n, n) for n in range(100))


def test_what_is_refused_again_and_again_is_refused_for_itself() -> None:
    refusals = given()
    for n in range(4):
        refusals.refused(10 + n, n)
    refusals.gave(20, "http://h/2.jpg", picture=True)
    assert not any(refusals.refused(30 + n, n % 4) for n in range(100))


def test_an_answer_to_an_earlier_request_that_comes_later_says_nothing_of_the_run() -> None:
    refusals = given()
    for n in (5, 6, 7, 8):
        refusals.refused(n, n)
    refusals.gave(6, "http://h/6.jpg", picture=True)
    assert [refusals.refused(n, n) for n in (9, 10, 11)] == [False, False, True]
    assert refusals.take() == [7, 8, 9, 10, 11]


def test_a_question_in_vain_is_not_asked_so_soon_again() -> None:
    refusals, number, asked = given(), 1, []
    for _ in range(200):
        number += 1
        if refusals.refused(number, number):
            asked.append(number - 1)
            refusals.cleared()
    assert asked == [5, 15, 35, 75, 155]


def test_pages_are_witnesses_where_there_are_no_pictures() -> None:
    refusals = Refusals()
    refusals.gave(1, "http://h/page", picture=False)
    assert (refusals.witness, refusals.picture) == ("http://h/page", False)
    refusals.gave(2, "http://h/1.jpg", picture=True)
    refusals.refused(3, 3)
    refusals.gave(4, "http://h/captcha", picture=False)
    assert (refusals.witness, refusals.picture) == ("http://h/1.jpg", True)
    assert refusals.take() == [3]


class Refused:
    """A host that has given something, and refuses everything since."""

    def __init__(self) -> None:
        self.breaker, self.rng, self.now = Breaker("h", RULES), random.Random(1), 0.0
        ticket = self.breaker.force()
        self.breaker.gave(ticket, "http://h/1.jpg", picture=True)
        self.breaker.leave(ticket)
        for entry in range(5):
            ticket = self.breaker.force()
            self.event = self.breaker.refused(ticket, entry, self.now, self.rng)
            self.breaker.leave(ticket)

    def ask(self, given: bool) -> Event | bool:
        self.now = self.breaker.health.paused_until
        ticket = self.breaker.enter(self.now)
        assert ticket is not None
        assert self.breaker.witness(ticket) == "http://h/1.jpg"
        assert self.breaker.enter(self.now) is None, "one at a time"
        if given:
            result: Event | bool = self.breaker.answered(ticket, self.now)
        else:
            result = self.breaker.failed(ticket, "http_403", self.now, self.rng)
        self.breaker.leave(ticket)
        return result


def test_a_ban_is_waited_out_with_longer_and_longer_pauses() -> None:
    host = Refused()
    assert host.event is Event.OPENED
    for pause in (1, 2, 4, 8):
        assert host.breaker.phase(host.now) is Phase.OPEN
        assert host.breaker.health.paused_until - host.now == pytest.approx(pause, rel=0.26)
        assert host.ask(given=False) is Event.REOPENED
    assert host.ask(given=True) is True
    assert host.breaker.phase(host.now) is Phase.CLOSED
    assert host.breaker.delay() > 0.3, "it comes back slowly"
    assert not host.breaker.health.refuses


def test_what_was_refused_is_known_to_the_next_process() -> None:
    host = Refused()
    health = msgspec.msgpack.decode(msgspec.msgpack.encode(host.breaker.health), type=HostHealth)
    host.breaker = Breaker("h", RULES, health)
    assert host.ask(given=False) is Event.REOPENED
    assert host.breaker.refusals.take() == [0, 1, 2, 3, 4]


def test_a_host_that_still_gives_is_not_asked_more_slowly_for_it() -> None:
    host = Refused()
    assert host.ask(given=True) is True
    host.breaker.answers = 100  # without the slow start
    assert host.breaker.delay() < 0.05
