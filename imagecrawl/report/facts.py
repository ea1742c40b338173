"""What is there to be said of a job? Plain data, without a word of HTML."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from imagecrawl.frontier.entry import Counts
from imagecrawl.frontier.ledger import Missing
from imagecrawl.report.pauses import HostPauses
from imagecrawl.report.timeline import Timeline


@dataclass(slots=True)
class HostLine:
    """The outcomes of one host, ``pending`` among them; *size* is in bytes."""

    host: str
    images: Counter[str] = field(default_factory=Counter)
    pages: Counter[str] = field(default_factory=Counter)
    size: int = 0

    @property
    def total(self) -> int:
        return self.images.total() + self.pages.total()


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """How many entries ended in one way for one reason."""

    outcome: str
    reason: str
    images: int
    pages: int


@dataclass(frozen=True, slots=True)
class Listing:
    """Some *rows* of *total*, of each reason and host; they take *bytes* of HTML."""

    rows: list[Missing]
    total: int
    bytes: int

    @property
    def whole(self) -> bool:
        return len(self.rows) == self.total


@dataclass(frozen=True, slots=True)
class Tile:
    """One image of the contact sheet; *thumbnail* is a ``data:`` URI, empty if none was made."""

    url: str
    page_url: str
    alt: str
    width: int | None
    height: int | None
    format: str
    size: int
    thumbnail: str
    thumbnail_size: tuple[int, int]


@dataclass(slots=True)
class Reserved:
    """How many *images* on disk came with a directive that keeps them from search or from AI, and
    how often there was which one."""

    images: int = 0
    directives: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class JobFacts:
    """A job at one moment; times are Unix seconds, sizes bytes. The *span* is from the first to
    the last that is known to have happened.

    ``bytes_stored`` are on disk; ``bytes_fetched`` have duplicates in them, too. The *hosts* are
    the largest; *others* is the sum of those left out.
    """

    images: Counts
    pages: Counts
    bytes_stored: int
    bytes_fetched: int
    hosts: list[HostLine]
    host_count: int
    others: HostLine | None
    reasons: list[ReasonLine]
    span: tuple[float, float] | None
    timeline: Timeline | None
    pauses: list[HostPauses]
    paused_hosts: int
    failures: Listing
    opted_out: Listing
    reserved: Reserved

    @property
    def pending(self) -> int:
        return self.images.pending + self.pages.pending

    @property
    def balanced(self) -> bool:
        return self.images.balanced and self.pages.balanced
