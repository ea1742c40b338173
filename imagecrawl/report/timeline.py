"""What happened when? A job's time, in some hundred equal parts."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

MOST_PARTS = 120

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_STEPS = (
    *(1, 2, 5, 10, 15, 30, _MINUTE, 2 * _MINUTE, 5 * _MINUTE, 10 * _MINUTE, 15 * _MINUTE),
    *(30 * _MINUTE, _HOUR, 2 * _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY),
)


@dataclass(slots=True)
class Timeline:
    """Counts for each part of *step* seconds from *start* (Unix seconds) on."""

    start: float
    step: int
    parts: int
    images: list[int] = field(default_factory=list)
    bytes: list[int] = field(default_factory=list)
    failures: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.images = [0] * self.parts
        self.bytes = [0] * self.parts
        self.failures = [0] * self.parts

    @property
    def end(self) -> float:
        return self.start + self.parts * self.step

    def part(self, at: float) -> int:
        """Return which part the moment *at* is in; the nearest if in none."""
        return min(max(int((at - self.start) // self.step), 0), self.parts - 1)

    def share(self, at: float) -> float:
        """Return how far along the moment *at* is, from 0 to 1."""
        return min(max((at - self.start) / (self.end - self.start), 0.0), 1.0)


def timeline(first: float, last: float) -> Timeline:
    """Return an empty timeline from *first* to *last*, of at most 121 parts of a round length."""
    step = round_step((last - first) / MOST_PARTS)
    start = math.floor(first / step) * step
    return Timeline(start, step, int((last - start) // step) + 1)


def round_step(secs: float) -> int:
    """Return the shortest round length that is no shorter than *secs*."""
    for step in _STEPS:
        if step >= secs:
            return step
    return math.ceil(secs / _DAY) * _DAY
