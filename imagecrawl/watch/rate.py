"""How fast does a number grow? Pure: the times come in as parameters."""

from __future__ import annotations

from collections import deque


class Rate:
    """The growth of a number per second, over the last *window_secs*."""

    def __init__(self, window_secs: float) -> None:
        self._window_secs = window_secs
        self._samples: deque[tuple[float, float]] = deque()

    def note(self, at: float, value: float) -> None:
        """Note *value* at the time *at* in seconds, on a clock that never goes back."""
        samples = self._samples
        samples.append((at, value))
        # The one sample that is older than the window is its beginning.
        while len(samples) > 2 and samples[1][0] <= at - self._window_secs:
            samples.popleft()

    def per_sec(self) -> float:
        """Return the growth per second; 0 until two samples are there."""
        if len(self._samples) < 2:
            return 0.0
        (begin, first), (end, last) = self._samples[0], self._samples[-1]
        return (last - first) / (end - begin) if end > begin else 0.0
