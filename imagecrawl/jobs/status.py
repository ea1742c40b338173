"""How does a job stand? Read from its file, also while a crawl writes it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from imagecrawl.frontier.entry import Counts
from imagecrawl.frontier.ledger import Ledger
from imagecrawl.jobs.known import KnownJob
from imagecrawl.jobs.lock import process_of
from imagecrawl.outcomes import Kind
from imagecrawl.policies.health import HostHealth

_decoder = msgspec.msgpack.Decoder(HostHealth)


@dataclass(frozen=True, slots=True)
class PausedHost:
    """A host that is left alone until a Unix time, for the ``pauses``-th time in a row."""

    host: str
    until: float
    pauses: int
    given_up: bool


@dataclass(frozen=True, slots=True)
class JobStatus:
    """How a job stands. ``process`` is the id of the one that works on it: ``None`` for
    nobody, 0 where it is not known. ``waiting`` are those that wait for a time, ``next_due``."""

    process: int | None
    images: Counts
    pages: Counts
    ready: int
    waiting: int
    in_work: int
    next_due: float | None
    paused: tuple[PausedHost, ...]


@dataclass(frozen=True, slots=True)
class JobSize:
    """What is cheap to know of a job: how many images are known, how many entries (images and
    pages) are still to be asked for, and the bytes of its folder."""

    process: int | None
    discovered: int
    pending: int
    bytes: int


def read_status(job: KnownJob, now: float) -> JobStatus:
    """Return how *job* stands at the Unix time *now*; raise :exc:`JobError` if that cannot be
    read. Takes a second for a million entries."""
    with job.ledger() as ledger:
        ready, waiting, in_work = ledger.unsettled()
        return JobStatus(
            process=process_of(job.folder),
            images=ledger.counts(Kind.IMAGE),
            pages=ledger.counts(Kind.PAGE),
            ready=ready,
            waiting=waiting,
            in_work=in_work,
            next_due=ledger.next_due(),
            paused=_paused(ledger, now),
        )


def read_size(job: KnownJob) -> JobSize:
    """Return what is cheap to know of *job*; raise :exc:`JobError` if it cannot be read."""
    with job.ledger() as ledger:
        discovered = ledger.discovered().get(Kind.IMAGE.value, 0)
        pending = sum(ledger.unsettled())
    return JobSize(process_of(job.folder), discovered, pending, _bytes(job.folder))


def _paused(ledger: Ledger, now: float) -> tuple[PausedHost, ...]:
    hosts = []
    for host, row in ledger.hosts():
        health = _decoder.decode(row.health)
        if health.paused_until > now:
            hosts.append(PausedHost(host, health.paused_until, health.pauses, health.given_up))
    return tuple(sorted(hosts, key=lambda one: one.until))


def _bytes(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:  # a running crawl has removed it
            continue
    return total
