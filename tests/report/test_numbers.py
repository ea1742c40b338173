"""Times, pauses, charts and words: all that is pure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagecrawl.frontier.entry import Pause
from imagecrawl.report import charts, wording
from imagecrawl.report.pauses import by_host, merged
from imagecrawl.report.sheet import evenly, spread
from imagecrawl.report.timeline import MOST_PARTS, timeline

TIMES = st.floats(min_value=0, max_value=4e9)


@given(TIMES, TIMES)
def test_a_timeline_holds_its_time(one: float, other: float) -> None:
    first, last = sorted((one, other))
    times = timeline(first, last)
    assert 1 <= times.parts <= MOST_PARTS + 1
    assert times.start <= first
    assert last < times.end or times.parts == 1
    assert times.start % times.step == 0
    assert 0 <= times.part(first) <= times.part(last) < times.parts
    assert 0 <= times.share(first) <= times.share(last) <= 1


@pytest.mark.parametrize(
    ("secs", "step", "parts"),
    [
        (0, 1, 1),
        (59, 1, 60),
        (120, 1, 121),
        (121, 2, 61),
        (7200, 60, 121),
        (86400 * 365, 345600, 92),
    ],
)
def test_the_parts_have_round_lengths(secs: float, step: int, parts: int) -> None:
    times = timeline(86400.0, 86400.0 + secs)
    assert times.step == step
    assert abs(times.parts - parts) <= 1


def test_pauses_that_overlap_are_one() -> None:
    assert merged([(5, 9), (1, 2), (8, 12), (2, 3), (20, 20)]) == [(1, 3), (5, 12)]
    assert merged([]) == []


def test_pauses_by_host_end_with_the_crawl() -> None:
    pauses = [
        Pause("a", 10, 20, "reset"),
        Pause("b", 10, 99, "http_429"),
        Pause("b", 12, 70, "http_429"),
        Pause("b", 12, 80, "reset"),
    ]
    b, a = by_host(pauses, end=50)
    assert (b.host, b.spans, b.secs) == ("b", [(10, 50)], 40)
    assert b.reasons == {"http_429": 2, "reset": 1}
    assert (a.host, a.secs) == ("a", 10)


@pytest.mark.parametrize(
    ("value", "top"), [(0, 1), (1, 1), (2, 2), (3, 5), (7, 10), (10, 10), (11, 20), (4001, 5000)]
)
def test_scales_end_at_round_numbers(value: int, top: int) -> None:
    assert charts.nice_ceiling(value) == top


@given(st.lists(st.integers(min_value=0, max_value=10**12), min_size=1, max_size=121))
def test_bars_stay_in_their_chart(values: list[int]) -> None:
    times = timeline(0, len(values) - 1)
    times.images[: len(values)] = values[: times.parts]
    chart = charts.bar_charts(times)[0]
    assert len(chart.bars) == sum(1 for value in times.images if value)
    for bar in chart.bars:
        assert bar.x >= 0
        assert bar.x + bar.width <= chart.parts
        assert 0 <= bar.y <= 100
        assert bar.y + bar.height == pytest.approx(100, abs=0.02)


def test_lanes_stay_in_their_chart() -> None:
    times = timeline(0, 100)
    pauses = [Pause("h", 0, 0.01, "reset"), Pause("h", 50, 60, "lost"), Pause("h", 100, 999, "x")]
    (lane,) = charts.lanes(times, by_host(pauses, 1e9))
    assert lane.summary == "3 pauses, 15 min 9 s in all (reset, lost, x)"
    for bar in lane.bars:
        assert bar.width >= 3
        assert 0 <= bar.x <= bar.x + bar.width <= charts.LANE_WIDTH


@pytest.mark.parametrize("count", [0, 1, 2, 7, 100])
def test_a_sample_is_even_and_so_is_each_beginning_of_it(count: int) -> None:
    places = evenly(count, 30)
    assert len(places) == min(count, 30)
    assert places == sorted(set(places))
    order = spread(places)
    assert sorted(order) == places
    if count == 100:
        assert evenly(count, 30)[-1] >= 90
        for part in (4, 8, 16):
            quarters = {place * 4 // count for place in order[:part]}
            assert quarters == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (49_512, "50 kB"), (2.5e9, "2.5 GB"),
     (999_999, "1.0 MB"), (3e18, "3000 PB")],
)  # fmt: skip
def test_sizes(value: float, text: str) -> None:
    assert wording.size(value) == text


@pytest.mark.parametrize(
    ("secs", "text"),
    [(0, "0 s"), (0.84, "0.8 s"), (59.6, "1 min"), (80, "1 min 20 s"), (7500, "2 h 5 min"),
     (86400 * 3 + 4 * 3600, "3 d 4 h"), (3600, "1 h")],
)  # fmt: skip
def test_durations(secs: float, text: str) -> None:
    assert wording.duration(secs) == text


@pytest.mark.parametrize(
    "url",
    ["http://h.example/a.jpg", "HTTPS://h.example/?q=1&x=%20#f", "https://h.example/é'{|}^"],
)
def test_addresses_of_the_web_are_links(url: str) -> None:
    assert wording.link(url) == url


@pytest.mark.parametrize(
    "url",
    [
        *(
            "javascript:alert(1)",
            " javascript:alert(1)",
            "java\tscript:alert(1)",
            "data:text/html,x",
        ),
        *("file:///etc/passwd", "//h.example/", "vbscript:x", "", "ftp://h.example/", "http:h"),
        *("http://h.example/ x", 'http://h.example/"onclick=', "http://h.example/\u202egpj.exe"),
        *("http://h.example/\x00", "http://h.example/<b>", "https://h.example/long\u2026"),
        "http://h.example/\njavascript:alert(1)",
    ],
)
def test_nothing_else_is_a_link(url: str) -> None:
    assert wording.link(url) == ""


def test_what_works_unseen_is_spelt_out() -> None:
    assert wording.shown("a\nb\u202ec\x00d\x1b[2J") == "a b\\u202ec\\x00d\\x1b[2J"
    assert wording.shown("👩\u200d🌾") == "👩\u200d🌾"
    assert wording.shown("\ud83d") == "\\ud83d"
    assert wording.shown("x" * 500, 10) == "x" * 9 + "…"
