"""How long to wait before the next attempt, and is there one?"""

from __future__ import annotations

import random

import pytest

from imagecrawl.policies.backoff import Backoff
from imagecrawl.policies.failures import Failure, Retry
from imagecrawl.policies.retry import RetryPolicy


def waits(backoff: Backoff, count: int, seed: int = 1) -> list[float]:
    rng = random.Random(seed)
    return [backoff.wait(failures, rng) for failures in range(1, count + 1)]


@pytest.mark.parametrize(
    ("backoff", "expected"),
    [
        (Backoff(jitter=0), [1, 2, 4, 8, 16, 32, 60, 60]),
        (Backoff(base_secs=0.5, max_secs=3, jitter=0), [0.5, 1, 2, 3, 3]),
        (Backoff(base_secs=0, jitter=0), [0, 0, 0]),
        (Backoff(base_secs=5, max_secs=5, jitter=0), [5, 5, 5]),
    ],
)
def test_the_wait_doubles_up_to_the_maximum(backoff, expected):
    assert waits(backoff, len(expected)) == expected


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("jitter", [0.25, 0.9])
def test_the_jitter_adds_and_the_gaps_still_grow(seed, jitter):
    found = waits(Backoff(jitter=jitter), 8, seed)
    plain = waits(Backoff(jitter=0), 8)
    assert all(p <= wait <= p * (1 + jitter) for wait, p in zip(found, plain, strict=True))
    assert found[:6] == sorted(found[:6])
    assert found != plain


def test_the_same_randomness_gives_the_same_waits():
    assert waits(Backoff(), 9, 5) == waits(Backoff(), 9, 5) != waits(Backoff(), 9, 6)


@pytest.mark.parametrize(
    "backoff", [Backoff(jitter=0), Backoff(base_secs=1e-3, jitter=0), Backoff(1.0, 60.0, 0.0)]
)
def test_no_overflow_after_many_failures(backoff):
    assert backoff.wait(10_000, random.Random()) == 60


@pytest.mark.parametrize(
    "fields",
    [
        {"base_secs": -1},
        {"base_secs": 2, "max_secs": 1},
        {"jitter": -0.1},
        {"jitter": 1.1},
    ],
)
def test_bad_values(fields):
    with pytest.raises(ValueError):
        Backoff(**fields)


@pytest.mark.parametrize(
    ("retry", "times", "asked", "allowed"),
    [
        (Retry.FULL, 10, None, 10),
        (Retry.FULL, 0, None, 0),
        (Retry.FULL, 10, 2, 2),
        (Retry.FULL, 2, 5, 5),
        (Retry.FULL, 2, 0, 0),
        (Retry.FEW, 10, None, 3),
        (Retry.FEW, 1, None, 1),
        (Retry.FEW, 10, 20, 3),
        (Retry.NO, 10, 10, 0),
    ],
)
def test_how_many_attempts_more_there_are(retry, times, asked, allowed):
    policy = RetryPolicy(times, 3, Backoff())
    failure = Failure("x", retry=retry)
    rng = random.Random(1)
    given = [policy.next_wait(failure, n, rng, asked) is not None for n in range(1, 30)]
    assert given == [True] * allowed + [False] * (29 - allowed)
