"""What must a frontier be able to do?

The one contract that every backend keeps; ``tests/frontier/test_contract.py`` runs over all of
them. Times are Unix seconds and always come in as parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Protocol

from imagecrawl.frontier.again import Original
from imagecrawl.frontier.entry import Counts, Cursor, Entry, HostRow, Pause, Probe, Settlement
from imagecrawl.frontier.tally import Tally
from imagecrawl.outcomes import Kind, Outcome


class HostTable(Protocol):
    """What is kept of each host. Times are Unix seconds."""

    def all(self) -> dict[str, HostRow]:
        """Return what is kept of each host that has had trouble."""

    def keep(self, host: str, row: HostRow) -> None:
        """Keep the health of *host*, and lease nothing of it while it is paused. Durable at
        once."""

    def forget(self, host: str) -> None:
        """Forget the health of *host*, and end its pause."""

    def note_pause(self, pause: Pause) -> None:
        """Add to the record of pauses, of which the newest 10,000 are kept."""

    def paused(self) -> dict[str, float]:
        """Return the hosts that are paused, and until when."""


class Frontier(Protocol):
    """A durable queue and ledger of requests.

    An entry is *ready*, *waiting* (postponed until it is due), *leased* (in work), or
    *settled*. What was leased when the process died is ready again at the next opening.
    """

    path: Path
    """The file or address that it is kept in: for messages, and for those who only read."""

    @property
    def host_table(self) -> HostTable:
        """What is kept of the hosts."""
        ...

    taken_back: int
    """How many entries were leased when the last process that had it died."""

    def enqueue(self, entries: Iterable[Entry], cursor: Cursor | None = None) -> int:
        """Insert what is not known yet by its fingerprint; return how many that were.

        *cursor* is stored in the same transaction.
        """

    def lease(
        self,
        limit: int,
        now: float,
        room: Callable[[str], int],
        probing: Callable[[str], Probe] = ...,
    ) -> list[Entry]:
        """Return up to *limit* due entries, interleaved by host.

        Never one of a paused host, and never more of a host than ``room(host)`` says. Which
        comes first, the priority says, or ``probing(host)``.
        By the time it returns, everything written before is durable.
        """

    def postpone(self, entry: Entry, due: float, reason: str, message: str) -> None:
        """Count a failed attempt of a leased entry, which is due again at *due*."""

    def defer(self, entry: Entry, due: float) -> None:
        """Let a leased entry wait until *due*, without counting an attempt."""

    def cap_waits(self, latest: float) -> None:
        """Let nothing that was postponed or deferred wait for longer than until *latest*."""

    def refund(self, entry_ids: Iterable[int]) -> None:
        """Make waiting entries ready, their last attempt not counted. What is in work again
        keeps it: it shows that the entry is none to find out with how its host is."""

    def reopen(self, entry_ids: Iterable[int]) -> list[tuple[Kind, Outcome, str]]:
        """Make waiting entries ready, and those that have failed, or for which the next size of
        the picture is asked: that was no verdict. Return how each of the latter had ended."""

    def release(self, entry: Entry) -> None:
        """Give a leased entry back as if it had not been leased."""

    def settle(
        self,
        entry: Entry,
        settlement: Settlement,
        children: Sequence[Entry],
        now: float,
        images: Sequence[Settlement] = (),
    ) -> None:
        """End a leased entry; its children are enqueued in the same transaction.

        *images* are those that its response gave beside that end: each is discovered and settled
        as an entry of its own, in place of those of an earlier run of this one.
        """

    def original(self, entry: Entry) -> Original | None:
        """Return the entry that was there before *entry*, which came in under its ``again``;
        ``None`` if it did not."""

    def claim(self, content_hash: bytes, entry_id: int) -> bool | None:
        """Tell whether the content belongs to this leased entry: it is the first to claim it;
        ``None`` as long as another has claimed it, and may lose it.

        It keeps it if it is settled with it (:attr:`Settlement.content`), and loses it at any
        other end of its lease. Who has claimed something is never told to wait, so that no two
        wait for each other: of an entry with several images some may be duplicates of nothing.
        """

    def requeue_missing(self, present: Callable[[str, int], bool]) -> int:
        """Make ready again the images whose file is not *present*, by its path and its bytes;
        return how many are missing. Of several from one response, that is asked for again."""

    def requeue_failed(self, reasons: Collection[str] | None) -> int:
        """Make ready again what has failed for one of *reasons* (``None``: for any); return
        how many. What was never a Request stays failed."""

    def requeue_undecided(self, refusal: Callable[[str], bool], secs: float, most: int) -> int:
        """Make ready again what the run before did not live to judge: of each host at most *most*
        that have failed for a *refusal* after the last that it gave, in the last *secs* of that
        run. Return how many."""

    def given(self) -> dict[str, str]:
        """Return for each host that an image has been had of the URL of one; a second for a
        million of them."""

    def cursor(self, source: str) -> Cursor | None:
        """Return how far *source* has been read."""

    def page_urls(self, priority: int) -> list[str]:
        """Return the URLs of the pages known that have less than *priority*."""
        ...

    def ready(self) -> int:
        """Return how many entries are ready, those of paused hosts included."""

    def pending(self) -> int:
        """Return how many entries are ready, waiting or leased."""

    def waiting(self) -> int:
        """Return how many entries wait for a time: retries, mostly."""

    def next_retry(self) -> float | None:
        """Return when the next of them is due."""

    def tally(self) -> Tally:
        """Return numbers that are kept up to date in memory: cheap to read at any time."""

    def next_due(self) -> float | None:
        """Return when the next waiting entry or paused host is due."""

    def drained(self) -> bool:
        """Tell whether nothing is ready, waiting or leased."""

    def counts(self, kind: Kind) -> Counts:
        """Return the accounting, counted from the rows."""

    def commit(self) -> None:
        """Make everything written so far durable."""

    def close(self) -> None:
        """Commit and let go of everything."""
