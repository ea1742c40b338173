"""Which lines of a crawl's log does somebody who watches it want to see?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

# As LOG_FORMAT has it: the time, the logger, the level, the message.
_RECORD = re.compile(r"\d{4}-\d\d-\d\d \S+ \[([^]]+)\] ([A-Z]+): (.*)")
_RETRY = re.compile(r"attempt (\d+) of \S*/(\S+) failed: (\S+) \(.*\); next one in (\S+) s(; .*)?")
_GIVEN_UP = re.compile(r"\w+ \S*/(\S+): (\S+) \(.*\), attempt (\d+), the last one(; .*)?")
_OURS = "imagecrawl"
_WIDTH = 110


def condensed(lines: Iterable[str]) -> Iterator[str]:
    """Yield, in short, our own records and everybody's errors.

    A line that is no record goes with the one before it (the lines of a traceback), unless it
    is a message of the command line.
    """
    shown = True
    for line in lines:
        line = line.rstrip()
        record = _RECORD.match(line)
        if record:
            logger, level, message = record.groups()
            shown = level in ("ERROR", "CRITICAL") or _is_ours(logger, level, message)
            text = _short(message) if level in ("DEBUG", "INFO") else f"{level}: {message}"
        else:
            text = line
        if shown or line.startswith(f"{_OURS}: "):
            yield f"  {text}"


def _is_ours(logger: str, level: str, message: str) -> bool:
    """Tell whether it is our own record, and one of a decision if it is for DEBUG only."""
    if not logger.startswith(_OURS):
        return False
    return level != "DEBUG" or bool(_RETRY.fullmatch(message) or _GIVEN_UP.fullmatch(message))


def _short(message: str) -> str:
    if match := _RETRY.fullmatch(message):
        attempt, name, reason, wait, _ = match.groups()
        return f"{name:<14} attempt {attempt}: {reason:<9}  next one in {wait} s"
    if match := _GIVEN_UP.fullmatch(message):
        name, reason, attempt, _ = match.groups()
        return f"{name:<14} attempt {attempt}: {reason:<9}  given up"
    return message if len(message) <= _WIDTH else f"{message[: _WIDTH - 3]}..."
