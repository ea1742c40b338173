"""Is it the hosts, or is the network itself down?"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from imagecrawl.policies.outage import Change, OutageDetector


def detector(*alive: str) -> OutageDetector:
    made = OutageDetector(3, 30.0)
    for site in alive:
        made.answered(site)
    return made


def test_three_sites_that_had_answered_and_nobody_answers() -> None:
    network = detector("a", "b", "c")
    assert network.failed("a", 10.0) is Change.NOTHING
    assert network.failed("a", 11.0) is Change.NOTHING  # the same again is one
    assert network.failed("b", 12.0) is Change.NOTHING
    assert network.failed("c", 13.0) is Change.BEGUN
    assert network.active
    assert network.since == 10.0
    assert network.failed("d", 14.0) is Change.NOTHING
    assert network.answered("b") is Change.ENDED
    assert not network.active


def test_an_answer_in_between_is_the_proof_that_the_network_is_there() -> None:
    network = detector("a", "b", "c")
    network.failed("a", 1.0)
    network.failed("b", 2.0)
    assert network.answered("d") is Change.NOTHING
    assert network.failed("c", 3.0) is Change.NOTHING


def test_a_list_of_dead_domains_is_no_outage() -> None:
    network = detector("a")
    for number in range(100):
        assert network.failed(f"dead{number}", 1.0) is Change.NOTHING


def test_failures_far_apart_are_no_outage() -> None:
    network = detector("a", "b", "c")
    for site, at in (("a", 0.0), ("b", 31.0), ("c", 62.0)):
        assert network.failed(site, at) is Change.NOTHING


def test_given_up_it_is_not_believed_again_until_somebody_answers() -> None:
    network = detector("a", "b", "c")
    for site in "abc":
        network.failed(site, 1.0)
    network.give_up()
    assert not network.active
    for site in "abc":
        assert network.failed(site, 2.0) is Change.NOTHING
    network.answered("a")
    for site in "abc":
        network.failed(site, 3.0)
    assert network.active


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.booleans(), st.floats(0, 9)), max_size=80))
def test_it_begins_and_ends_in_turns(reports: list[tuple[str, bool, float]]) -> None:
    network, now, changes = OutageDetector(2, 10.0), 0.0, []
    for site, ok, secs in reports:
        now += secs
        change = network.answered(site) if ok else network.failed(site, now)
        assert not (ok and network.active)
        changes += [] if change is Change.NOTHING else [change]
    assert changes == [Change.BEGUN, Change.ENDED] * (len(changes) // 2) + [Change.BEGUN] * (
        len(changes) % 2
    )
