"""What does the frontier keep of a request?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from imagecrawl.outcomes import Kind, Outcome
from imagecrawl.text import clean_text


@dataclass(slots=True)
class Entry:
    """A request as the frontier keeps it, from its discovery to its outcome.

    ``fingerprint`` identifies it; ``request`` is the encoded Request; ``host`` is the slot
    that politeness is counted by; ``attempts`` counts the attempts that have ended in failure.
    An entry that cannot be asked for at all (a line that is no URL) comes with its ``outcome``,
    ``reason`` and ``message``, and goes straight into the ledger. Where ``fingerprint`` is known,
    but not to be lost all the same, ``place`` makes another (:mod:`imagecrawl.frontier.again`).
    """

    fingerprint: bytes
    kind: Kind
    host: str
    url: str
    request: bytes = b""
    priority: int = 0
    attempts: int = 0
    outcome: Outcome | None = None
    reason: str | None = None
    message: str | None = None
    place: bytes | None = None
    id: int = 0


class Probe(IntEnum):
    """What the next request to a host is to find out."""

    NONE = 0
    """Nothing: the host is well."""
    FAILED = 1
    """Whether what has failed goes now; for that says most of the host."""
    FRESH = 2
    """Whether what has not failed yet goes; for it may be its URLs that are broken."""
    FAR = 3
    """The same, of something far from what is next: an album of them may be broken."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a source (a URL list) has been taken into the frontier.

    ``line`` is the number of the last line taken; ``signature`` tells whether the source is
    still the same.
    """

    source: str
    line: int
    signature: str


@dataclass(frozen=True, slots=True)
class HostRow:
    """What the frontier keeps of a host: until when it is paused (Unix seconds, 0 for not at
    all), and the rest of its health, which only :mod:`imagecrawl.frontier.hosts` reads."""

    paused_until: float
    health: bytes


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which a host was left alone, and why; *began* and *until* are Unix seconds.

    It may have ended earlier than was meant: when the network itself was found to be down.
    """

    host: str
    began: float
    until: float
    reason: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """How an entry ends: one row of the ledger.

    ``content`` is the SHA-256 of what is stored with it, if anything is.
    """

    outcome: Outcome
    reason: str | None = None
    message: str | None = None
    record: bytes | None = None
    kind: Kind | None = None
    content: bytes | None = None

    def __post_init__(self) -> None:
        # Half a surrogate pair, from a page's broken script by way of an exception's message,
        # cannot be written down.
        if self.message is not None:
            object.__setattr__(self, "message", clean_text(self.message))


@dataclass(frozen=True, slots=True)
class Counts:
    """The accounting of one job, for one kind of entry.

    ``reasons`` says, per outcome, how many had which reason.
    ``discovered`` is counted when entries come in, the others from the rows that are there:
    two ways to the same number, which is what makes the check one that can fail.
    """

    discovered: int
    pending: int
    outcomes: dict[str, int]
    reasons: dict[str, dict[str, int]]

    @property
    def balanced(self) -> bool:
        """Whether every entry discovered is in exactly one place."""
        return self.discovered == self.pending + sum(self.outcomes.values())
