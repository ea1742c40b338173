"""Whose turn is it?"""

from __future__ import annotations

import pytest

from imagecrawl.frontier.ring import HostRing


def ring(**counts: int) -> HostRing:
    made = HostRing()
    for host, count in counts.items():
        made.add(host, count)
    return made


def take(ring: HostRing, limit: int, rooms: dict[str, int] | None = None) -> str:
    return "".join(ring.take(limit, lambda host: (rooms or {}).get(host, 99)))


@pytest.mark.parametrize(
    ("counts", "limit", "rooms", "turns"),
    [
        ({}, 5, {}, ""),
        ({"a": 3}, 2, {}, "aa"),
        ({"a": 3}, 9, {}, "aaa"),
        ({"a": 2, "b": 2}, 9, {}, "abab"),
        ({"a": 4, "b": 1}, 9, {}, "abaaa"),
        ({"a": 4, "b": 4}, 9, {"a": 1}, "abbbb"),
        ({"a": 4, "b": 4}, 9, {"a": 0, "b": 0}, ""),
        ({"a": 4, "b": 4, "c": 4}, 9, {"a": 1, "b": 0, "c": 2}, "acc"),
        ({"a": 4}, 0, {}, ""),
    ],
)
def test_turns(counts, limit, rooms, turns):
    one = ring(**counts)
    assert take(one, limit, rooms) == turns
    assert one.total == sum(counts.values()) - len(turns)


def test_the_next_take_goes_on_where_the_last_one_ended():
    one = ring(a=3, b=3, c=3)
    assert take(one, 2) + take(one, 2) + take(one, 5) == "abcabcabc"


def test_a_host_that_comes_back_has_its_turn_last():
    one = ring(a=1, b=2)
    assert take(one, 1) == "a"
    one.add("a")
    assert take(one, 9) == "bab"


def test_room_is_asked_once_a_host():
    asked: list[str] = []

    def room(host: str) -> int:
        asked.append(host)
        return 2

    assert list(ring(a=5, b=5).take(9, room)) == ["a", "b", "a", "b"]
    assert asked == ["a", "b"]
