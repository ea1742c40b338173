"""How much of one kind may the log tell at INFO? Pure: the time comes in as a parameter."""

from __future__ import annotations

import logging
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """At which level a line is to be logged, and what is to be added to it."""

    level: int
    tail: str = ""


QUIET = Told(logging.DEBUG)
_MORE = "; more of this kind at LOG_LEVEL=DEBUG"


class Ration:
    """The first *most* lines of a kind are told, the rest is for DEBUG; after *every_secs*
    there are as many again, if that is given."""

    def __init__(self, most: int, every_secs: float | None = None) -> None:
        self._most = most
        self._every_secs = every_secs
        self._begun: float | None = None
        self._told = 0

    def take(self, now: float, level: int = logging.INFO) -> Told:
        """Return how the next line is told, at best at *level*; the last one says that there
        may be more."""
        begun = self._begun
        if begun is None or (self._every_secs is not None and now - begun >= self._every_secs):
            self._begun, self._told = now, 0
        if self._told >= self._most:
            return QUIET
        self._told += 1
        return Told(level, _MORE if self._told == self._most else "")
