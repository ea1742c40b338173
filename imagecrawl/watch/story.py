"""How is a look at the crawl told in words? For the log, and for the lines of the display. Pure."""

from __future__ import annotations

from imagecrawl.text import printable
from imagecrawl.watch.figures import Figures
from imagecrawl.watch.words import counted, duration, size

_HOSTS_NAMED = 3


def in_one_line(figures: Figures) -> str:
    """Return the line of the log."""
    parts = [counts(figures), speed(figures)]
    if figures.pages_waiting:
        parts.append(f"{counted(figures.pages_waiting, 'page')} waiting")
    parts += [part for part in (retries(figures), pauses(figures), left(figures)) if part]
    return "; ".join(parts)


def counts(figures: Figures) -> str:
    """Return ``12 stored, 1 failed, 7 waiting of 20 discovered``."""
    parts = [f"{figures.stored:,} stored", f"{figures.failed:,} failed"]
    if figures.other:
        parts.append(f"{figures.other:,} other")
    parts.append(f"{figures.waiting:,} waiting of {figures.discovered:,} discovered")
    return ", ".join(parts)


def speed(figures: Figures) -> str:
    """Return ``12.5 images/s, 3.4 MB/s``."""
    return f"{figures.images_per_sec:.1f} images/s, {size(figures.bytes_per_sec)}/s"


def retries(figures: Figures) -> str:
    """Return how many retries are due and when; nothing if there are none."""
    if not figures.retries_due:
        return ""
    due = counted(figures.retries_due, "retry", "retries")
    if figures.next_retry_secs is None:
        return f"{due} due"
    return f"{due} due, the next in {duration(figures.next_retry_secs)}"


def pauses(figures: Figures, most: int = _HOSTS_NAMED) -> str:
    """Return the paused hosts with the time left, *most* by name; nothing if there are none."""
    if not figures.paused:
        return ""
    named = [f"{printable(host)} {duration(left)}" for host, left in figures.paused[:most]]
    more = len(figures.paused) - len(named)
    if not named:
        return f"{counted(more, 'host')} paused"
    names = ", ".join(named) + (f" and {more:,} more" if more else "")
    return f"{counted(len(figures.paused), 'host')} paused: {names}"


def left(figures: Figures) -> str:
    """Return the time left; nothing if that is not known, or nothing is left."""
    if figures.secs_left is None or figures.total == figures.done:
        return ""
    return f"about {duration(figures.secs_left)} left"
