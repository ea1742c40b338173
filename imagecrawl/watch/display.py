"""How does the live display stay at the bottom of the terminal, below the log?

By rich's ``Live``: the display has several lines, and whoever writes to the terminal meanwhile
writes above it. (tqdm has one line a bar, and moves between several by counting on nobody else.)
"""

from __future__ import annotations

import contextlib
import logging
import sys
from typing import IO, Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from imagecrawl.watch import story
from imagecrawl.watch.figures import Figures


class Display:
    """The live display on the terminal *stream*, from :meth:`start` to :meth:`stop`."""

    def __init__(self, stream: IO[str], title: str) -> None:
        self._stream = stream
        self._title = title
        self._console = Console(file=stream, highlight=False, soft_wrap=False)
        self._live = Live(
            console=self._console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._restore = contextlib.ExitStack()

    def start(self) -> None:
        """Begin: from here on standard error, and the log on it, go above the display."""
        above = Above(self._stream, self._console)
        self._restore.enter_context(contextlib.redirect_stderr(above))
        if sys.stdout.isatty():
            out = Above(sys.stdout, self._console)
            self._restore.enter_context(contextlib.redirect_stdout(out))
        for handler in logging.root.handlers:
            if isinstance(handler, logging.StreamHandler) and handler.stream is self._stream:
                handler.setStream(above)
                self._restore.callback(handler.setStream, self._stream)
        self._restore.callback(above.finish_line)
        self._live.start()
        # Whoever is killed now leaves a terminal with its cursor.
        self._console.show_cursor(True)

    def show(self, figures: Figures, state: str = "") -> None:
        """Replace what is shown."""
        self._live.update(_rendered(self._title, figures, state), refresh=True)

    def stop(self) -> None:
        """Take the display away and give the terminal back; a second call does nothing."""
        self._live.stop()
        self._restore.close()


class Above:
    """A stream whose lines come out above the display, as long as they are."""

    def __init__(self, stream: IO[str], console: Console) -> None:
        self._stream = stream
        self._console = console
        self._begun = ""

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        if lines:
            # Never wrapped here: the terminal does that, and what is copied from it is whole.
            joined = Text("\n").join(Text.from_ansi(line) for line in lines)
            self._console.print(joined, soft_wrap=True)
        return len(text)

    def finish_line(self) -> None:
        """Write what has no end of line yet."""
        if self._begun:
            self.write("\n")

    def flush(self) -> None:
        self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _rendered(title: str, figures: Figures, state: str) -> Group:
    lines = [
        _first_line(title, figures, state),
        _line(_counts(figures)),
        _line(Text(", ".join(filter(None, (story.speed(figures), story.retries(figures)))))),
    ]
    if figures.pages_waiting:
        lines[2:2] = [_line(Text(f"{figures.pages_waiting:,} pages waiting"))]
    if figures.paused:
        lines.append(_line(Text(story.pauses(figures), style="yellow")))
    return Group(*lines)


def _first_line(title: str, figures: Figures, state: str) -> Any:
    words = state or story.left(figures)
    if not figures.total:
        return _line(Text(f"{title}  {words}", style="bold"))
    row = Table.grid(padding=(0, 2), expand=True)
    row.add_column(no_wrap=True, overflow="ellipsis", max_width=30)
    row.add_column(ratio=1)
    row.add_column(justify="right", no_wrap=True)
    share = figures.done / figures.total
    row.add_row(
        Text(title, style="bold"),
        ProgressBar(total=figures.total, completed=figures.done),
        Text(f"{int(share * 100)} %  {words}".rstrip()),
    )
    return row


def _counts(figures: Figures) -> Text:
    text = Text()
    text.append(f"{figures.stored:,} stored", style="green")
    text.append(f"  {figures.failed:,} failed", style="red" if figures.failed else "")
    if figures.other:
        text.append(f"  {figures.other:,} other")
    return text.append(f"  {figures.waiting:,} waiting  {figures.discovered:,} discovered")


def _line(text: Text) -> Text:
    text.no_wrap, text.overflow = True, "ellipsis"
    return text
