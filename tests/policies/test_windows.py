"""How many requests may a host have in flight?"""

from __future__ import annotations

import pytest

from imagecrawl.policies.windows import HostWindows


def fail(windows: HostWindows, host: str, times: int) -> None:
    for _ in range(times):
        windows.started(host)
        windows.finished(host, False)


def test_never_more_than_the_limit():
    windows = HostWindows(3)
    for room in (3, 2, 1):
        assert windows.room("a") == room
        windows.started("a")
    assert windows.room("a") == 0
    assert windows.room("b") == 3
    windows.finished("a", True)
    assert windows.room("a") == 1


@pytest.mark.parametrize(
    ("failures", "room"), [(0, 8), (7, 8), (8, 4), (15, 4), (16, 2), (24, 1), (999, 1)]
)
def test_a_host_that_only_fails_gets_less_but_never_nothing(failures, room):
    windows = HostWindows(8)
    fail(windows, "a", failures)
    assert windows.room("a") == room
    assert windows.room("b") == 8


def test_the_first_success_gives_everything_back():
    windows = HostWindows(8)
    fail(windows, "a", 100)
    windows.started("a")
    assert windows.room("a") == 0
    windows.finished("a", True)
    assert windows.room("a") == 8


def test_what_is_not_known_changes_nothing():
    windows = HostWindows(4)
    fail(windows, "a", 4)
    for _ in range(10):
        windows.started("a")
        windows.finished("a", None)
    assert windows.room("a") == 2


def test_a_window_that_shrinks_below_what_is_in_flight():
    windows = HostWindows(4)
    for _ in range(4):
        windows.started("a")
    for _ in range(2):
        windows.finished("a", False)
    fail(windows, "a", 10)
    assert windows.room("a") == 0


def test_hosts_that_are_done_are_forgotten():
    windows = HostWindows(4)
    for number in range(1_000):
        windows.started(f"h{number}")
        windows.finished(f"h{number}", True)
    assert windows._windows == {}


def test_no_limit_is_no_limit_at_all():
    with pytest.raises(ValueError):
        HostWindows(0)
