"""The DevTools protocol over a pipe: JSON messages with a NUL after each.

https://chromedevtools.github.io/devtools-protocol/. The browser reads commands from descriptor 3
and writes to 4, with ``--remote-debugging-pipe``; nothing listens on a port.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections import deque
from typing import Any

# ``subprocess`` passes descriptors on under their own numbers only.
_STUB = """
import os, sys
high = [os.dup2(int(fd), 200 + n) for n, fd in enumerate(sys.argv[1:3])]
os.dup2(high[0], 3), os.dup2(high[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class DevToolsPipe:
    """Starts *command* and talks with it."""

    def __init__(self, command: list[str]) -> None:
        its_input, self._output = os.pipe()
        self._input, its_output = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _STUB, str(its_input), str(its_output), *command],
            pass_fds=(its_input, its_output),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(its_input)
        os.close(its_output)
        self._buffer = b""
        self._number = 0
        self._events: deque[dict[str, Any]] = deque()

    def call(self, method: str, session: str = "", **params: Any) -> dict[str, Any]:
        """Return the result of *method*; what happens meanwhile is kept for ``event``."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self._output, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + 30
        while (answer := self._read(deadline)).get("id") != self._number:
            self._events.append(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        result: dict[str, Any] = answer["result"]
        return result

    def event(self, deadline: float) -> dict[str, Any]:
        """Return the next event; :class:`TimeoutError` when *deadline* (monotonic) passes."""
        return self._events.popleft() if self._events else self._read(deadline)

    def forget_events(self) -> None:
        self._events.clear()

    def _read(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._input], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError("the browser says nothing")
            data = os.read(self._input, 1 << 16)
            if not data:
                raise ConnectionError("the browser has ended")
            self._buffer += data
        text, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message

    def close(self) -> None:
        """End the browser."""
        try:
            self.call("Browser.close")
            self._process.wait(timeout=20)
        except (OSError, TimeoutError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        os.close(self._input)
        os.close(self._output)
