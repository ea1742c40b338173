"""How are numbers, times and strangers' texts put on a page?"""

from __future__ import annotations

import re
from datetime import datetime, timezone

from markupsafe import escape

MOST_ADDRESS = 4_000
"""Characters of an address that are kept: signed ones are long."""
_HEAD, _TAIL = 150, 60
"""Characters of a long address that are seen."""
_LINK = re.compile(r"https?://[^\s<>\"`\\]+\Z", re.IGNORECASE)
_JOINERS = "\u200c\u200d"
"""Invisible, and yet parts of words and emojis."""
_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")


def shown(text: str, most: int = 300) -> str:
    """Return *text* on one line of at most *most* characters, with nothing in it that works
    unseen: control characters and those that turn the direction of writing are spelt out."""
    text = text if len(text) <= most else text[: most - 1] + "\N{HORIZONTAL ELLIPSIS}"
    if text.isprintable():
        return text
    return "".join(_spelt(character) for character in text)


def _spelt(character: str) -> str:
    if character.isprintable() or character in _JOINERS:
        return character
    return " " if character.isspace() else character.encode("unicode_escape").decode()


def link(url: str) -> str:
    """Return *url* if it may be a link: an ``http(s)`` address, whole and without tricks; else
    nothing."""
    return url if _LINK.match(url) and url.isprintable() and not url.endswith("\u2026") else ""


def brief(url: str) -> str:
    """Return *url* without its scheme."""
    return url.removeprefix("http://").removeprefix("https://")


def shortened(url: str) -> str:
    """Return the beginning and the end of *url*, if it is long."""
    if len(url) <= _HEAD + _TAIL:
        return url
    return f"{url[:_HEAD]}\N{HORIZONTAL ELLIPSIS}{url[-_TAIL:]}"


def weight(text: str) -> int:
    """Return how many bytes of HTML *text* takes."""
    return len(str(escape(text)).encode("utf-8", "replace"))


def number(value: float) -> str:
    """Return ``12,345``."""
    return f"{value:,.0f}"


def size(value: float) -> str:
    """Return a number of bytes as ``1.2 MB``."""
    for unit in _UNITS:
        if value < 999.5 or unit == _UNITS[-1]:
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "bytes" or value >= 9.95 else f"{value:.1f} {unit}"


def duration(secs: float) -> str:
    """Return ``0.8 s``, ``12 s``, ``1 min 20 s``, ``2 h 5 min`` or ``3 d 4 h``."""
    if secs < 10:
        return f"{secs:.1f}".removesuffix(".0") + " s"
    whole = round(secs)
    for large, name, small, rest in ((86400, "d", 3600, "h"), (3600, "h", 60, "min")):
        if whole >= large:
            more = whole % large // small
            return f"{whole // large} {name}" + (f" {more} {rest}" if more else "")
    if whole >= 60:
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole % 60 else "")
    return f"{whole} s"


def moment(at: float, form: str = "%Y-%m-%d %H:%M:%S UTC") -> str:
    """Return a Unix time in words, in UTC."""
    return datetime.fromtimestamp(at, timezone.utc).strftime(form)


def words(name: str) -> str:
    """Return ``opted_out`` as ``opted out``."""
    return name.replace("_", " ")


def counted(count: int, one: str) -> str:
    """Return ``1 host``, ``2 hosts``."""
    return f"{number(count)} {one}" + ("" if count == 1 else "s")
