"""A terminal of 80 columns to run a command on, and what is to be seen on it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

import pyte

COLUMNS, ROWS = 80, 24
_TIMEOUT_SECS = 90


class Terminal:
    """Runs *command* with a pseudo-terminal as its standard input, output and error."""

    def __init__(self, command: Sequence[str], cwd: Path, env: dict[str, str], **more: str) -> None:
        self.screen = pyte.HistoryScreen(COLUMNS, ROWS, history=10_000)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        kept = {name: value for name, value in env.items() if name not in ("COLUMNS", "LINES")}
        self.process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**kept, "TERM": "xterm-256color", **more},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._master)

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def lines(self) -> list[str]:
        """What is on the screen, from top to bottom."""
        return [line.rstrip() for line in self.screen.display]

    def everything(self) -> list[str]:
        """The same, with what has scrolled away."""
        gone = [
            "".join(row[column].data for column in range(COLUMNS)).rstrip()
            for row in self.screen.history.top
        ]
        return gone + self.lines()

    def until(self, seen: Callable[[str], object]) -> str:
        """Go on until *seen* is true of the screen's text, and return that."""
        deadline = time.monotonic() + _TIMEOUT_SECS
        while not seen(text := "\n".join(self.lines())):
            if time.monotonic() > deadline or not self._read():
                raise AssertionError(f"that was not to be seen:\n{text}")
        return text

    def until_text(self, pattern: str) -> str:
        return self.until(lambda text: re.search(pattern, text))

    def end(self) -> int:
        """Read to the end; return the exit code."""
        while self._read():
            pass
        return self.process.wait(_TIMEOUT_SECS)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._master], [], [], _TIMEOUT_SECS)
        if not ready:
            raise AssertionError("nothing is written any more")
        try:
            data = os.read(self._master, 65536)
        except OSError:  # the other end is closed
            return False
        self.raw += data
        self._stream.feed(data)
        return bool(data)
