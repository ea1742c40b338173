"""Restart a job again and again, killed before each change of its folder; print what is left.

A process of its own: the children are forked, and an audit hook kills them (``os._exit``) when
the file system is asked to do what is counted.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from imagecrawl.jobs.job import open_job
from imagecrawl.outcomes import Kind
from tests.frontier.support import entries

MANIFEST = {"spider": "images", "store": "/data/images", "args": {}}
CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir"}
OLD, NEW, LOST, KILLED = 10, 11, 12, 99
NAMES = {OLD: "old", NEW: "new"}


def child(work: Callable[[], int], before_change: int = 0) -> int:
    """Return how *work* ends in a process that is killed before its change of that number."""
    pid = os.fork()
    if pid == 0:
        seen = 0

        def watch(event: str, args: tuple[object, ...]) -> None:
            nonlocal seen
            if event in CHANGES:
                seen += 1
                if seen == before_change:
                    os._exit(KILLED)

        sys.addaudithook(watch)
        os._exit(work())
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def make(folder: Path) -> int:
    job = open_job(folder, MANIFEST, restart=False)
    job.frontier.enqueue(entries("abc"))
    (folder / "partials").mkdir()
    (folder / "partials" / "a.part").write_bytes(b"half")
    job.close()
    return 0


def restart(folder: Path) -> int:
    job = open_job(folder, MANIFEST, restart=True)
    job.begun()
    job.frontier.enqueue(entries("z"))
    job.close()
    return 0


def give_up(folder: Path) -> int:
    open_job(folder, MANIFEST, restart=True).discard()
    return 0


def look(folder: Path) -> int:
    """Say whose things are there when the job is opened the next time."""
    job = open_job(folder, MANIFEST, restart=False)
    count = job.frontier.counts(Kind.IMAGE).discovered
    half = (folder / "partials" / "a.part").is_file()
    clean = not list(folder.glob("before-restart*"))
    job.close()
    if not clean or half != (count == 3):
        return LOST
    return OLD if half else NEW if count <= 1 else LOST


def killed_at(work: Callable[[Path], int], first: int, second: int) -> tuple[bool, bool, str]:
    """Kill *work* before its change *first*, the next one who opens the job before *second*."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "job"
        assert child(lambda: make(folder)) == 0
        was_killed = child(lambda: work(folder), first) == KILLED
        again = bool(second) and child(lambda: look(folder), second) == KILLED
        return was_killed, again, NAMES.get(child(lambda: look(folder)), "lost")


def states(work: Callable[[Path], int], twice: bool) -> list[list[str]]:
    """Return, for each kill of *work*, what is left: alone, and after each kill of the next."""
    found: list[list[str]] = []
    killed = True
    while killed:
        killed, _, state = killed_at(work, len(found) + 1, 0)
        found.append([state])
        again = twice
        while again:
            _, again, state = killed_at(work, len(found), len(found[-1]))
            found[-1].append(state)
    return found


if __name__ == "__main__":
    print(json.dumps({"restart": states(restart, True), "give_up": states(give_up, False)}))
