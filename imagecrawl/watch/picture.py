"""What does the display show? Its lines, for a terminal of so many columns."""

from __future__ import annotations

from dataclasses import replace

from rich.console import Console, Group
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from imagecrawl.watch import story
from imagecrawl.watch.figures import Figures
from imagecrawl.watch.layout import cropped, flowing, paused_hosts
from imagecrawl.watch.words import counted

_LONGEST_TITLE = 30
_SHORTEST_BAR = 10
_GAP = 2


class Picture:
    """The lines of the display on *console*; :attr:`lengths` are how many cells each has.

    The last line is empty: what the terminal echoes (^C, and whatever else is typed) comes there,
    and is wiped away with it.
    """

    def __init__(self, console: Console, title: str, figures: Figures, state: str = "") -> None:
        self._width = max(1, console.width - 1)
        self._ascii = console.options.ascii_only
        self._ellipsis = "..." if self._ascii else "\u2026"
        title = self._writable(title)
        hosts = tuple((self._writable(host), left) for host, left in figures.paused)
        self._figures = replace(figures, paused=hosts)
        lines = self._lines()
        self.lengths = [self._width, *(line.cell_len for line in lines), 0]
        self.lines = Group(self._first(title, state), *lines, Text())

    def _writable(self, text: str) -> str:
        return text.encode("ascii", "replace").decode() if self._ascii else text

    def _first(self, title: str, state: str) -> Table | Text:
        figures = self._figures
        words = state or story.left(figures)
        if figures.total:
            words = f"{int(figures.done / figures.total * 100)} %  {words}".rstrip()
        words = cropped(words, self._width, self._ellipsis)
        room = self._width - len(words) - _GAP
        title = cropped(title, max(0, min(room, _LONGEST_TITLE)), self._ellipsis)
        bar = room - Text(title).cell_len - _GAP
        if not figures.total or bar < _SHORTEST_BAR:
            return Text(f"{title}  {words}".strip(), style="bold", no_wrap=True)
        row = Table.grid(padding=(0, _GAP, 0, 0))
        progress = ProgressBar(total=figures.total, completed=figures.done, width=bar)
        row.add_row(Text(title, style="bold", no_wrap=True), progress, Text(words, no_wrap=True))
        return row

    def _lines(self) -> list[Text]:
        figures = self._figures
        lines = flowing(_counts(figures), self._width, "  ")
        if figures.pages_waiting:
            lines.append(Text(f"{counted(figures.pages_waiting, 'page')} waiting"))
        pace = [Text(part) for part in (story.speed(figures), story.retries(figures)) if part]
        lines += flowing(pace, self._width, ", ")
        if figures.paused:
            paused = paused_hosts(figures, self._width, self._ellipsis)
            lines.append(Text(paused, style="yellow"))
        for line in lines:
            line.no_wrap, line.overflow = True, "crop"
        return lines


def _counts(figures: Figures) -> list[Text]:
    other = [Text(f"{figures.other:,} other")] if figures.other else []
    return [
        Text(f"{figures.stored:,} stored", style="green"),
        Text(f"{figures.failed:,} failed", style="red" if figures.failed else ""),
        *other,
        Text(f"{figures.waiting:,} waiting"),
        Text(f"{figures.discovered:,} discovered"),
    ]
