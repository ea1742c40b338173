"""Where are the bars? Pure geometry; the template draws it as SVG.

A chart is as wide as it has parts and 100 high, and is stretched to the page; its labels are HTML,
for text in it would be stretched as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from imagecrawl.report.pauses import HostPauses
from imagecrawl.report.timeline import Timeline
from imagecrawl.report.wording import counted, duration, moment, number, size

HEIGHT = 100.0
LANE_WIDTH = 1000.0
_LEAST_HEIGHT = 1.5
_LEAST_WIDTH = 3.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle, and what it says when it is pointed at."""

    x: float
    y: float
    width: float
    height: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A bar chart; *top* is what its upper edge stands for, in words."""

    key: str
    title: str
    total: str
    peak: str
    top: str
    middle: str
    parts: int
    bars: list[Bar]


@dataclass(frozen=True, slots=True)
class Lane:
    """The pauses of one host along the time."""

    host: str
    summary: str
    bars: list[Bar]


def bar_charts(times: Timeline) -> list[Chart]:
    """Return what came in, and what failed, over the time."""
    return [
        _chart("images", "Images", times, times.images, number),
        _chart("bytes", "Bytes", times, times.bytes, size),
        _chart("failures", "Failures", times, times.failures, number),
    ]


def _chart(
    key: str, title: str, times: Timeline, values: Sequence[int], say: Callable[[float], str]
) -> Chart:
    peak = max(values, default=0)
    top = nice_ceiling(peak)
    bars = []
    for place, value in enumerate(values):
        if value:
            height = max(value / top * HEIGHT, _LEAST_HEIGHT)
            label = f"{clock(times, times.start + place * times.step)}: {say(value)}"
            bars.append(Bar(place + 0.08, round(HEIGHT - height, 2), 0.84, round(height, 2), label))
    return Chart(
        *(key, title, say(sum(values)), say(peak), say(top), say(top / 2) if top > 1 else ""),
        *(times.parts, bars),
    )


def nice_ceiling(value: float) -> float:
    """Return the next of 1, 2, 5, 10, 20, 50 ... that is no less than *value*; 1 for 0."""
    if value <= 1:
        return 1
    power = 10.0 ** math.floor(math.log10(value))
    for factor in (1, 2, 5, 10):
        if factor * power >= value:
            return factor * power
    return 10 * power


def lanes(times: Timeline, pauses: Sequence[HostPauses]) -> list[Lane]:
    """Return a lane for each host that was paused."""
    return [_lane(times, one) for one in pauses]


def _lane(times: Timeline, one: HostPauses) -> Lane:
    bars = []
    for began, until in one.spans:
        x = times.share(began) * LANE_WIDTH
        width = max(times.share(until) * LANE_WIDTH - x, _LEAST_WIDTH)
        x = min(x, LANE_WIDTH - width)
        label = f"{clock(times, began)}: {duration(until - began)}"
        bars.append(Bar(round(x, 1), 0, round(width, 1), HEIGHT, label))
    why = ", ".join(reason for reason, _ in one.reasons.most_common(4))
    summary = f"{counted(len(one.spans), 'pause')}, {duration(one.secs)} in all ({why})"
    return Lane(one.host, summary, bars)


def clock(times: Timeline, at: float) -> str:
    """Return the moment *at* as precisely as the timeline is long (UTC)."""
    if times.end - times.start > 86400:
        return moment(at, "%d %b %H:%M")
    return moment(at, "%H:%M:%S" if times.step < 60 else "%H:%M")


def axis(times: Timeline) -> list[str]:
    """Return the words below a chart: its beginning, its middle and its end."""
    middle = (times.start + times.end) / 2
    return [clock(times, at) for at in (times.start, middle, times.end)]
