"""Which words fit into how many columns? Pure; lengths are in cells, as terminals count."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from imagecrawl.watch.figures import Figures
from imagecrawl.watch.story import pauses

_HOSTS_NAMED = 3


def flowing(parts: Sequence[Text], width: int, between: str) -> list[Text]:
    """Return *parts* in as many lines as they need: none is cut that fits into a line."""
    lines: list[Text] = []
    for part in parts:
        if lines and lines[-1].cell_len + len(between) + part.cell_len <= width:
            lines[-1].append(between).append_text(part)
        else:
            lines.append(part.copy())
    return lines


def paused_hosts(figures: Figures, width: int, ellipsis: str) -> str:
    """Return how many hosts are paused, and as many of their names as fit."""
    for named in range(_HOSTS_NAMED, -1, -1):
        line = pauses(figures, named)
        if cell_len(line) <= width or named <= 1:
            break
    return cropped(line, width, ellipsis)


def cropped(text: str, width: int, ellipsis: str) -> str:
    """Return *text*, cut to *width* if it is longer."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(0, width - len(ellipsis))).rstrip() + ellipsis[:width]
