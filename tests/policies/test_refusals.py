from __future__ import annotations

import random

import msgspec
import pytest

from imagecrawl.policies.breaker import Breaker
from imagecrawl.policies.health import HostHealth
from imagecrawl.policies.refusals import Refusals, is_refusal
from imagecrawl.policies.ticket import Event, Phase
from tests.policies.simulated import RULES

WITNESS = "http://h/0.jpg"


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        *(
            ("http_403", True),
            ("http_401", True),
            ("http_500", True),
            ("http_418", True),
            ("http_202", True),
        ),
        *(("html", True), ("empty", True), ("not_an_image", True)),
        *(("http_404", False), ("http_410", False), ("http_302", False), ("http_204", False)),
        *(("reset", False), ("corrupt", False), ("too_small", False), ("", False)),
    ],
)
def test_what_may_be_a_refusal_of_everything(reason: str, says: bool) -> None:
    assert is_refusal(reason) is says


def given() -> Refusals:
    refusals = Refusals()
    refusals.gave(1, 0, WITNESS, picture=True)
    return refusals


def refuse(refusals: Refusals, *numbers: int, picture: bool = True) -> list[bool]:
    """Have the entries with these numbers refused, asked for in that order."""
    return [refusals.refused(n, n, picture) for n in numbers]


def test_five_in_a_row_are_worth_the_question() -> None:
    refusals = given()
    assert refuse(refusals, 2, 3, 4, 5, 6) == [False] * 4 + [True]
    refusals.ban_is_over(99)
    assert refusals.take_again() == [2, 3, 4, 5, 6]
    assert refusals.take_again() == []


def test_what_is_refused_again_and_again_is_refused_for_itself() -> None:
    refusals = given()
    refuse(refusals, 2, 3, 4, 5)
    refusals.gave(20, 20, WITNESS, picture=True)
    assert not any(refusals.refused(30 + n, 2 + n % 4, True) for n in range(100))


def test_an_answer_to_an_earlier_request_that_comes_later_says_nothing_of_the_run() -> None:
    refusals = given()
    refuse(refusals, 5, 6, 7, 8)
    refusals.gave(6, 6, WITNESS, picture=True)
    assert refuse(refusals, 9, 10, 11) == [False, False, True]
    refusals.ban_is_over(99)
    assert refusals.take_again() == [7, 8, 9, 10, 11]


def test_a_question_in_vain_is_not_asked_so_soon_again_in_the_same_run() -> None:
    refusals, asked = given(), []
    for number in range(2, 202):
        if refusals.refused(number, number, True):
            asked.append(number - 1)
            refusals.ask()
    assert asked == [5, 10, 20, 40, 80, 160]


def test_one_of_them_is_tried_before_the_verdict() -> None:
    """The host gives again: it was a short ban, or they are refused for themselves."""
    for was_a_ban in (True, False):
        refusals = given()
        refuse(refusals, 2, 3, 4, 5, 6)
        refusals.ask()
        refusals.try_one()
        assert refusals.take_again() == [6]
        refusals.gave(9, 9, WITNESS, picture=True)
        if was_a_ban:
            refusals.gave(10, 6, WITNESS, picture=True)
            assert sorted(refusals.take_again()) == [2, 3, 4, 5, 6]
            assert refusals.is_of_a_ban(8), "one that is refused late belongs to it, too"
            assert not refusals.is_of_a_ban(11)
        else:
            refusals.refused(10, 6, True)
            assert refusals.take_again() == [] and refusals.run == []


def test_nothing_is_taken_back_for_ever() -> None:
    refusals = given()
    for _ in range(3):
        refuse(refusals, 2, 3, 4, 5, 6)
        refusals.ban_is_over(99)
        assert refusals.take_again() == [2, 3, 4, 5, 6]
    refuse(refusals, 2, 3, 4, 5, 6)
    refusals.ban_is_over(99)
    assert refusals.take_again() == []
    assert not any(refuse(refusals, 2, 3, 4, 5, 6))


def test_a_host_that_refuses_much_anyway_is_asked_after_longer_runs() -> None:
    rng, asked = random.Random(1), 0
    refusals = given()
    for number in range(2, 10_000):
        if rng.random() < 0.6:
            if refusals.refused(number, number, True):
                asked += 1
                refusals.ask()
        else:
            refusals.gave(number, number, WITNESS, picture=True)
    assert asked < 20
    for number in range(10_000, 10_100):
        if refusals.refused(number, number, True):
            return
    raise AssertionError("a ban would not be noticed")


def test_at_the_end_fewer_are_enough_or_a_page() -> None:
    refusals = given()
    refuse(refusals, 2, 3)
    assert not refusals.is_open()
    refuse(refusals, 4)
    assert refusals.is_open()
    refusals = given()
    refuse(refusals, 2, picture=False)
    assert refusals.is_open()


def test_pages_are_witnesses_where_there_are_no_pictures() -> None:
    refusals = Refusals()
    refusals.gave(1, 1, "http://h/page", picture=False)
    assert (refusals.witness, refusals.picture) == ("http://h/page", False)
    refusals.gave(2, 2, WITNESS, picture=True)
    refuse(refusals, 3)
    refusals.gave(4, 4, "http://h/captcha", picture=False)
    assert (refusals.witness, refusals.picture, refusals.run) == (WITNESS, True, [3])


class Refused:
    """A host that has given something, and refuses everything since."""

    def __init__(self) -> None:
        self.breaker, self.rng, self.now = Breaker("h", RULES), random.Random(1), 0.0
        self.breaker.refusals.gave(1, 0, WITNESS, picture=True)
        refuse(self.breaker.refusals, 2, 3, 4, 5, 6)
        self.breaker.refuses_too_much(self.now, self.rng)

    def probe(self, *, witness: bool, given: bool) -> Event | bool:
        """Ask when the pause is over, for the *witness* or for something else."""
        self.now = self.breaker.health.paused_until
        ticket = self.breaker.enter(self.now)
        assert ticket is not None
        assert self.breaker.witness(ticket) == (WITNESS if witness else "")
        assert self.breaker.enter(self.now) is None, "one at a time"
        if given:
            result: Event | bool = self.breaker.answered(ticket, self.now)
        else:
            result = self.breaker.failed(ticket, "http_403", self.now, self.rng)
        self.breaker.leave(ticket)
        return result


def test_a_ban_is_waited_out_with_longer_and_longer_pauses() -> None:
    host = Refused()
    for pause, witness in ((1, True), (2, False), (4, True), (8, False)):
        assert host.breaker.phase(host.now) is Phase.OPEN
        assert host.breaker.health.paused_until - host.now == pytest.approx(pause, rel=0.26)
        assert host.probe(witness=witness, given=False) is Event.REOPENED
    assert host.probe(witness=True, given=True) is True
    assert host.breaker.phase(host.now) is Phase.CLOSED
    assert host.breaker.delay() > 0.3, "it comes back slowly"
    assert host.breaker.refusals.take_again() == [2, 3, 4, 5, 6]
    assert not host.breaker.refuses


def test_a_witness_that_is_not_to_be_had_any_more_is_not_the_only_one_asked() -> None:
    host = Refused()
    assert host.probe(witness=True, given=False) is Event.REOPENED
    assert host.probe(witness=False, given=True) is True
    assert host.breaker.refusals.take_again() == [6], "was it a ban? one of them will tell"


def test_what_was_refused_is_known_to_the_next_process() -> None:
    host = Refused()
    health = msgspec.msgpack.decode(msgspec.msgpack.encode(host.breaker.health), type=HostHealth)
    host.breaker = Breaker("h", RULES, health)
    assert host.probe(witness=True, given=False) is Event.REOPENED
    assert host.breaker.refusals.run == [2, 3, 4, 5, 6]


def test_a_host_that_still_gives_is_not_asked_more_slowly_for_it() -> None:
    host = Refused()
    assert host.probe(witness=True, given=True) is True
    assert host.breaker.refusals.take_again() == [6]
    host.breaker.answers = 100  # without the slow start
    assert host.breaker.delay() < 0.05


def test_who_was_given_up_is_asked_for_something_new_by_the_next_process() -> None:
    host = Refused()
    while host.probe(witness=not host.breaker.fresh_probe, given=False) is not Event.GAVE_UP:
        pass
    health = msgspec.msgpack.decode(msgspec.msgpack.encode(host.breaker.health), type=HostHealth)
    health.resumed(host.now, 300.0)
    host.breaker = Breaker("h", RULES, health)
    assert host.probe(witness=False, given=False) is Event.REOPENED
    assert not host.breaker.health.given_up
