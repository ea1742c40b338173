"""How does the live display stay at the bottom of the terminal, below the log?

By rich's ``Live``: the display has several lines, and whoever writes to the terminal meanwhile
writes above it. (tqdm has one line a bar, and moves between several by counting on nobody else.)
"""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Callable
from typing import IO, Any

from rich.console import Console, Group
from rich.control import Control
from rich.live import Live
from rich.segment import ControlType
from rich.text import Text

from imagecrawl.watch.console import console_on, reflows
from imagecrawl.watch.figures import Figures
from imagecrawl.watch.picture import Picture

_WIPE = (ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2))
_UP = ((ControlType.CURSOR_UP, 1),)


class Display:
    """The live display on the terminal *stream*: a picture for each crawl that has joined it,
    from when the first joins until the last leaves."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._pictures: dict[str, Picture | None] = {}
        self._console = console_on(stream)
        self._live = Live(
            console=self._console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._restore = contextlib.ExitStack()
        self._lengths: list[int] = []
        self._width = self._console.width

    def join(self, title: str) -> None:
        """Begin: from here on standard error, and the log on it, go above the display."""
        if not self._pictures:
            self._start()
        self._pictures[title] = None

    def _start(self) -> None:
        above = Above(self._stream, self._console, self.wrapped_away)
        self._restore.enter_context(contextlib.redirect_stderr(above))
        if sys.stdout.isatty():
            out = Above(sys.stdout, self._console, self.wrapped_away)
            self._restore.enter_context(contextlib.redirect_stdout(out))
        for handler in logging.root.handlers:
            if isinstance(handler, logging.StreamHandler) and handler.stream is self._stream:
                handler.setStream(above)
                self._restore.callback(handler.setStream, self._stream)
        self._restore.callback(above.finish_line)
        self._live.start()
        # Whoever is killed now leaves a terminal with its cursor.
        self._console.show_cursor(True)

    def show(self, title: str, figures: Figures, state: str = "") -> None:
        """Replace what is shown of one crawl."""
        self._pictures[title] = Picture(self._console, title, figures, state)
        self._draw()

    def _draw(self) -> None:
        self.wrapped_away()
        pictures = [picture for picture in self._pictures.values() if picture is not None]
        self._lengths = [length for picture in pictures for length in picture.lengths]
        self._width = self._console.width
        self._live.update(Group(*(picture.lines for picture in pictures)), refresh=True)

    def wrapped_away(self) -> None:
        """Wipe the rows that the display has more by now, where the terminal has become narrower
        since it was drawn, and has wrapped its lines."""
        width = self._console.width
        if width < self._width and reflows():
            more = sum((length - 1) // width for length in self._lengths if length > width)
            self._console.control(Control(*_WIPE, *(_UP + _WIPE) * more))
            # What comes now is drawn for this width.
            self._lengths = [min(length, width) for length in self._lengths]
        self._width = width

    def leave(self, title: str) -> None:
        """Take the picture of one crawl away; with the last give the terminal back. A second call
        does nothing."""
        if title not in self._pictures:
            return
        del self._pictures[title]
        if self._pictures:
            self._draw()
        else:
            self._stop()

    def _stop(self) -> None:
        self.wrapped_away()
        self._live.stop()
        self._lengths = []
        self._restore.close()


_displays: dict[int, Display] = {}


def display_on(stream: IO[str]) -> Display:
    """Return the display on *stream*: all crawls of the process share it."""
    stream = below(stream)
    return _displays.setdefault(id(stream), Display(stream))


def below(stream: IO[str] | Above) -> IO[str]:
    """Return what *stream* was before there was a display."""
    return stream.stream if isinstance(stream, Above) else stream


class Above:
    """A stream whose lines come out above the display, as long as they are."""

    def __init__(self, stream: IO[str], console: Console, before: Callable[[], None]) -> None:
        self.stream = stream
        self._before = before
        self._console = console
        self._begun = ""

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        if lines:
            # Never wrapped here: the terminal does that, and what is copied from it is whole.
            joined = Text("\n").join(Text.from_ansi(line) for line in lines)
            self._before()
            self._console.print(joined, soft_wrap=True)
        return len(text)

    def finish_line(self) -> None:
        """Write what has no end of line yet."""
        if self._begun:
            self.write("\n")

    def flush(self) -> None:
        self.stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)
