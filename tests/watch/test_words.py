"""Numbers for people, and the line that is made of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.console import Console

from imagecrawl.watch.figures import Figures
from imagecrawl.watch.picture import Picture
from imagecrawl.watch.rate import Rate
from imagecrawl.watch.story import in_one_line
from imagecrawl.watch.words import counted, duration, size

QUIET = Figures(
    discovered=20,
    stored=12,
    failed=1,
    other=0,
    waiting=7,
    pages_waiting=0,
    retries_due=0,
    next_retry_secs=None,
    paused=(),
    total=None,
    images_per_sec=2.5,
    bytes_per_sec=1_234_567,
    secs_left=None,
)


@pytest.mark.parametrize(
    ("secs", "text"),
    [
        (-1, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (200, "3 min 20 s"),
        (3600, "1 h 00 min"),
        (90000, "1 d 1 h"),
    ],
)
def test_duration(secs: float, text: str) -> None:
    assert duration(secs) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (99_940, "99.9 kB"),
        (999_900, "1000 kB"),
        (1_000_000, "1.0 MB"),
        (120e9, "120 GB"),
        (5e15, "5000 TB"),
    ],
)
def test_size(count: float, text: str) -> None:
    assert size(count) == text


def test_counted() -> None:
    assert counted(1, "host") == "1 host"
    assert counted(1200, "host") == "1,200 hosts"
    assert counted(2, "retry", "retries") == "2 retries"


def test_the_line_says_what_there_is_and_no_more() -> None:
    assert in_one_line(QUIET) == (
        "12 stored, 1 failed, 7 waiting of 20 discovered; 2.5 images/s, 1.2 MB/s"
    )
    paused = tuple((f"h{n}", 10.0 * n) for n in range(1, 6))
    busy = replace(
        QUIET,
        other=2,
        pages_waiting=3,
        retries_due=2,
        next_retry_secs=3.2,
        paused=paused,
        total=20,
        secs_left=70.0,
    )
    assert in_one_line(busy) == (
        "12 stored, 1 failed, 2 other, 7 waiting of 20 discovered; 2.5 images/s, 1.2 MB/s; "
        "3 pages waiting; 2 retries due, the next in 3 s; "
        "5 hosts paused: h1 10 s, h2 20 s, h3 30 s and 2 more; about 1 min 10 s left"
    )


@pytest.mark.parametrize(("pages", "text"), [(1, "1 page waiting"), (1200, "1,200 pages waiting")])
def test_the_display_and_the_line_count_pages_alike(pages: int, text: str) -> None:
    figures = replace(QUIET, pages_waiting=pages)
    console = Console(width=80)
    with console.capture() as shown:
        console.print(Picture(console, "job", figures).lines)
    assert text in [line.strip() for line in shown.get().splitlines()]
    assert text in in_one_line(figures).split("; ")


def test_a_hostile_host_name_reaches_no_terminal() -> None:
    assert "\x1b" not in in_one_line(replace(QUIET, paused=(("\x1b[2J", 1.0),)))


def test_rate() -> None:
    rate = Rate(10)
    assert rate.per_sec() == 0
    rate.note(0, 100)
    assert rate.per_sec() == 0
    rate.note(0, 100)
    assert rate.per_sec() == 0, "no time has passed"
    rate.note(4, 120)
    assert rate.per_sec() == 5
    for at in range(5, 40):
        rate.note(at, 120)
    assert rate.per_sec() == 0, "what is older than the window is forgotten"
