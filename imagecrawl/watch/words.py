"""How are numbers, sizes and times said to people? Pure."""

from __future__ import annotations

import math

_UNITS = ("B", "kB", "MB", "GB", "TB")


def duration(secs: float) -> str:
    """Return *secs* as ``45 s``, ``3 min 20 s``, ``2 h 05 min`` or ``3 d 4 h``."""
    whole = max(0, round(secs))
    if whole < 60:
        return f"{whole} s"
    minutes, seconds = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {seconds:02} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes:02} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h"


def size(count: float) -> str:
    """Return *count* bytes in decimal units, as ``812 B``, ``1.4 MB`` or ``120 GB``."""
    if count < 1000:
        return f"{count:.0f} B"
    power = min(4, int(math.log10(count)) // 3)
    value = count / 1000**power
    return f"{value:.1f} {_UNITS[power]}" if value < 99.95 else f"{value:.0f} {_UNITS[power]}"


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return ``1 host``, ``1,200 hosts``."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"
