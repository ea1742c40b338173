"""Starts ``scrapy`` where its imports have ended: they are three quarters of a short crawl.

A process of its own imports what every crawl does, once, and is forked for each command. What comes
out of that is a process as any other (a pid, exit code, streams, an end of the interpreter), and
what runs in it is ``scrapy.cmdline.execute``, as in ``python -m scrapy``. It has the environment
that the one before it has begun in: who needs another one starts Python anew.

``TESTS_START_COLD=1`` has each of the commands start Python anew.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Starter:
    """The process that is forked, for the project in one *folder* and one *environment*."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self._ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, str(ROOT / "tests/crawl/forked.py"), str(theirs.fileno())],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                # Python's own streams remember for good whether they can be rewound.
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=[theirs.fileno()],
            )

    def close(self) -> None:
        self._ours.close()
        self._process.communicate()

    def run(
        self, words: Sequence[str], timeout: float = 60, stdout: int | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run ``scrapy words...``; what it prints goes to *stdout*, or is returned."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            told, tells = os.pipe()
            streams = [out.fileno() if stdout is None else stdout, err.fileno(), tells]
            socket.send_fds(self._ours, [json.dumps(words).encode() + b"\n"], streams)
            os.close(tells)
            try:
                code = _ended(told, timeout)
            except EOFError:
                assert self._process.stderr is not None
                raise AssertionError(self._process.stderr.read().decode()) from None
            finally:
                os.close(told)
            texts = [_text(file.fileno()) for file in (out, err)]
        if code is None:
            raise subprocess.TimeoutExpired(list(words), timeout, *texts)
        return subprocess.CompletedProcess(list(words), code, *texts)


def _ended(answer: int, timeout: float) -> int | None:
    """Wait for the end of a command; return its exit code, and None if it had to be ended."""
    pid = int(_line(answer, 60))
    try:
        return int(_line(answer, timeout))
    except TimeoutError:
        os.kill(pid, signal.SIGKILL)
        _line(answer, 60)
        return None


def _line(answer: int, timeout: float) -> bytes:
    end = time.monotonic() + timeout
    line = b""
    while not line.endswith(b"\n"):
        if not select.select([answer], [], [], max(0.0, end - time.monotonic()))[0]:
            raise TimeoutError
        got = os.read(answer, 1)
        if not got:
            raise EOFError
        line += got
    return line


def _text(file: int) -> str:
    return os.pread(file, os.fstat(file).st_size, 0).decode("utf-8")


@functools.cache
def _starter(unbuffered: str | None) -> Starter:
    changed = {} if unbuffered is None else {"PYTHONUNBUFFERED": unbuffered}
    starter = Starter(ROOT, {**environment(), **changed})
    atexit.register(starter.close)
    return starter


def environment() -> dict[str, str]:
    """Return the environment of all commands, unless a test has changed it."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default"}


_BEFORE = environment()


def _is_as_before(wanted: dict[str, str]) -> bool:
    changed = {name for name, _ in _BEFORE.items() ^ wanted.items()}
    return all(name == "PYTHONUNBUFFERED" or name.startswith("PYTEST_") for name in changed)


def run(
    words: Sequence[str],
    wanted: dict[str, str] | None = None,
    *,
    timeout: float = 60,
    stdout: int | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run ``python -m scrapy words...`` in the project's folder and the environment *wanted*."""
    wanted = environment() if wanted is None else wanted
    if "TESTS_START_COLD" not in os.environ and hasattr(os, "fork") and _is_as_before(wanted):
        return _starter(wanted.get("PYTHONUNBUFFERED")).run(words, timeout, stdout)
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *words],
        cwd=ROOT,
        env=wanted,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if stdout is None else stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=timeout,
        check=False,
    )
