"""How fast may a host be asked after a trouble?"""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagecrawl.policies.health import HostHealth

MOST = 30.0


def after(secs: float, *, pushed_back: bool = True, delay: float = 0.0) -> HostHealth:
    health = HostHealth(pauses=1, since=1_000.0, paused_until=1_000.0 + secs, delay=delay)
    health.recovered(1_000.0 + secs, pushed_back, MOST)
    return health


def served(health: HostHealth) -> tuple[int, float]:
    """Return after how many successes, and seconds, the host is at full speed again."""
    count, secs = 0, 0.0
    while health.delay:
        secs += health.delay
        health.succeeded()
        count += 1
    return count, secs


@pytest.mark.parametrize(("secs", "delay"), [(0, 0), (3, 0.1), (30, 1.0), (120, 4.0), (9_999, 10)])
def test_the_delay_is_in_proportion_to_the_trouble(secs: float, delay: float) -> None:
    assert after(secs).delay == pytest.approx(delay)


def test_after_a_ban_200_images_come_before_the_rate_is_twice_what_it_was() -> None:
    health = after(31.0)
    delays = []
    for _ in range(150):
        delays.append(health.delay)
        health.succeeded()
    assert delays == sorted(delays, reverse=True)
    assert health.delay > 0.4


def test_a_server_that_was_only_down_is_back_sooner() -> None:
    banned, down = served(after(20.0)), served(after(20.0, pushed_back=False))
    assert down[1] < banned[1] / 7
    assert down[1] < 60


def test_a_trouble_on_the_way_back_doubles_the_delay_and_is_our_doing() -> None:
    health = after(10.0, pushed_back=False)
    first, calm = health.delay, health.calm_secs
    health.pauses, health.since = 1, 2_000.0
    health.recovered(2_001.0, False, MOST)
    assert health.delay == pytest.approx(2 * first)
    assert health.calm_secs > 5 * calm


def test_full_speed_forgets_everything() -> None:
    health = after(3.0)
    assert health.troubled
    served(health)
    assert not health.troubled
    assert (health.lost_secs, health.calm_secs) == (0, 0)


@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.booleans(), st.integers(0, 50)), max_size=20),
)
def test_delays_are_never_negative_and_never_above_the_maximum(troubles: list) -> None:
    health, now = HostHealth(), 0.0
    for secs, pushed_back, successes in troubles:
        health.pauses, health.since, now = 1, now, now + secs
        health.recovered(now, pushed_back, MOST)
        last = health.delay
        for _ in range(successes):
            health.succeeded()
            assert 0 <= health.delay <= last <= MOST
            last = health.delay


def test_it_comes_back_from_disk_as_it_was() -> None:
    health = after(31.0)
    data = msgspec.msgpack.encode(health)
    assert msgspec.msgpack.decode(data, type=HostHealth) == health


def test_the_time_between_two_runs_is_not_held_against_the_host() -> None:
    health = HostHealth(pauses=3, since=5.0, paused_until=9.0)
    health.resumed(1_000_000.0, 3600.0)
    assert health.since == 1_000_000.0
