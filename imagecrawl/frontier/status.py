"""How does a job stand? Read from its file, also while a crawl writes it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

import msgspec

from imagecrawl.frontier.counting import count_rows
from imagecrawl.frontier.entry import Counts
from imagecrawl.frontier.jobs import KnownJob
from imagecrawl.frontier.lock import process_of
from imagecrawl.frontier.reading import reading
from imagecrawl.frontier.schema import State
from imagecrawl.outcomes import Kind
from imagecrawl.policies.health import HostHealth

_decoder = msgspec.msgpack.Decoder(HostHealth)
# Each of them from a partial index: settled entries cost nothing.
_UNSETTLED = {
    state: f"SELECT count(*) FROM entries WHERE state = {state.value}"
    for state in (State.READY, State.WAITING, State.LEASED)
}
_NEXT_DUE = f"SELECT min(due) FROM entries WHERE state = {State.WAITING.value}"


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
    with reading(job.database) as db:
        ready, waiting, in_work = (_one(db, sql) for sql in _UNSETTLED.values())
        return JobStatus(
            process=process_of(job.folder),
            images=count_rows(db, Kind.IMAGE),
            pages=count_rows(db, Kind.PAGE),
            ready=ready,
            waiting=waiting,
            in_work=in_work,
            next_due=_one(db, _NEXT_DUE),
            paused=_paused(db, now),
        )


def read_size(job: KnownJob) -> JobSize:
    """Return what is cheap to know of *job*; raise :exc:`JobError` if it cannot be read."""
    with reading(job.database) as db:
        discovered = _one(db, "SELECT sum(count) FROM discovered WHERE kind = 'image'") or 0
        pending = sum(_one(db, sql) for sql in _UNSETTLED.values())
    return JobSize(process_of(job.folder), discovered, pending, _bytes(job.folder))


def _one(db: sqlite3.Connection, sql: str) -> int:
    (value,) = db.execute(sql).fetchone()
    return value  # type: ignore[no-any-return]


def _paused(db: sqlite3.Connection, now: float) -> tuple[PausedHost, ...]:
    hosts = []
    for host, blob in db.execute("SELECT host, health FROM hosts"):
        health = _decoder.decode(blob)
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
