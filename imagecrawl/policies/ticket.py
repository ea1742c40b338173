"""In which words do a breaker and those who ask it speak of a request and its host?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Phase(Enum):
    """How a host may be asked."""

    CLOSED = "closed"
    SUSPECT = "suspect"
    OPEN = "open"
    HALF_OPEN = "half open"


class Event(Enum):
    """What a failure has led to."""

    NOTHING = "nothing"
    SLOWED = "slowed"
    OPENED = "opened"
    REOPENED = "reopened"
    GAVE_UP = "gave up"


@dataclass(slots=True, eq=False)
class Ticket:
    """One request on its way; ``number`` is its place in the order of sending.

    ``url`` is any key of what is asked for, and ``attempts`` how often that has failed before.
    """

    host: str
    number: int
    url: object = None
    attempts: int = 0
