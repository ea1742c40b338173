"""The commands. Scrapy imports this room before any of them, and before all that they need."""

from __future__ import annotations

import sys
from types import TracebackType

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it: 128 and the number of SIGINT."""


def end_quietly(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    """Be ``sys.excepthook``: Ctrl-C before a command can look after it is no traceback."""
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)
        return
    echoed = "\n" if sys.stderr.isatty() else ""  # the terminal has written ^C
    print(f"{echoed}imagecrawl: interrupted: run the same command again", file=sys.stderr)
    # What is raised here takes the place of the interrupt.
    sys.exit(INTERRUPTED)


sys.excepthook = end_quietly
