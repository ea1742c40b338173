"""What is the terminal like? Asked of the terminal, and not of what the shell has exported."""

from __future__ import annotations

import os
from typing import IO

from rich.console import Console

# What a shell has exported for another window, or for this one before it was resized.
_STALE = ("COLUMNS", "LINES")


def console_on(stream: IO[str]) -> Console:
    """Return rich's view of the terminal *stream*."""
    environment = {name: value for name, value in os.environ.items() if name not in _STALE}
    return Console(file=stream, highlight=False, soft_wrap=False, _environ=environment)


def reflows() -> bool:
    """Tell whether a terminal that gets narrower wraps the lines that are there: nearly all do."""
    return "XTERM_VERSION" not in os.environ and not os.environ.get("TERM", "").startswith("rxvt")
