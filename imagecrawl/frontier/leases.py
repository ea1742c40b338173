"""What is in work, and when is an entry done?

An entry is done when everything it produced is: its callback has run to the end, and each of
its items has left the pipelines. Until then its lease is kept here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from imagecrawl.frontier.entry import Entry
from imagecrawl.frontier.hosts import Hosts
from imagecrawl.items import ImageRecord
from imagecrawl.policies.failures import Failure


@dataclass(slots=True)
class Lease:
    """A leased entry, and what it has produced so far."""

    entry: Entry
    errback: Callable[[Any], Any] | None = None
    """The spider's own."""
    max_retry_times: int | None = None
    children: list[Entry] = field(default_factory=list)
    items: int = 0
    answered: bool = False
    """Whether the download is over: the host's slot is free again."""
    finished: bool = False
    """Whether the callback (or errback) has run to its end."""
    failure: Failure | None = None
    kept: bool = False
    """Whether the entry must stay pending whatever else happens: the store is broken."""
    records: list[ImageRecord] = field(default_factory=list)
    """Of the images that are stored: one, unless a callback yields several items."""

    @property
    def done(self) -> bool:
        return self.finished and self.items == 0


class LeaseBook:
    """The leases of this process by the id of their entry; each has a place at its host until
    the download is over."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts
        self._leases: dict[int, Lease] = {}

    def __len__(self) -> int:
        return len(self._leases)

    def open(self, lease: Lease) -> None:
        self._leases[lease.entry.id] = lease
        self._hosts.leased(lease.entry.host)

    def answered(self, lease: Lease) -> None:
        """Note, once, that the download is over."""
        if not lease.answered:
            lease.answered = True
            self._hosts.unleased(lease.entry.host)

    def get(self, entry_id: object) -> Lease | None:
        return self._leases.get(entry_id) if isinstance(entry_id, int) else None

    def close(self, lease: Lease) -> None:
        del self._leases[lease.entry.id]

    def all(self) -> list[Lease]:
        return list(self._leases.values())
