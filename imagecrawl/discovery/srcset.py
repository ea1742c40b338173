"""What does a ``srcset`` attribute offer?

The algorithm is the HTML standard's "parse a srcset attribute"
(https://html.spec.whatwg.org/multipage/images.html#parse-a-srcset-attribute).
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SrcsetCandidate:
    """One image candidate string: a URL as written, and what is declared of it."""

    url: str
    width: int | None = None
    density: float | None = None
    height: int | None = None


# ASCII whitespace is these five; Python's ``\s`` takes more, such as the no-break space.
_URL = re.compile(r"[ \t\n\f\r,]*([^ \t\n\f\r,][^ \t\n\f\r]*)")
# Up to the next comma that is not in parentheses; they do not nest, and may stay open.
_DESCRIPTORS = re.compile(r"(?:[^,(]+|\([^)]*(?:\)|\Z))*")
_DESCRIPTOR = re.compile(r"(?:[^ \t\n\f\r(]+|\([^)]*(?:\)|\Z))+")
# https://html.spec.whatwg.org/multipage/common-microsyntaxes.html#numbers
_INTEGER = re.compile(r"0*([0-9]{1,9})\Z")
_FLOAT = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")


def parse_srcset(value: str) -> list[SrcsetCandidate]:
    """Return the candidates of *value* in their order, without the invalid ones."""
    found = []
    position = 0
    while match := _URL.match(value, position):
        url, position = match[1], match.end()
        descriptors: list[str] = []
        if url.endswith(","):
            url = url.rstrip(",")
        elif tail := _DESCRIPTORS.match(value, position):
            descriptors, position = _DESCRIPTOR.findall(tail[0]), tail.end()
        candidate = _candidate(url, descriptors)
        if candidate is not None:
            found.append(candidate)
    return found


def _candidate(url: str, descriptors: list[str]) -> SrcsetCandidate | None:
    """Apply the standard's *descriptor parser*; ``None`` where it says *error*."""
    if not descriptors:
        return SrcsetCandidate(url)
    sizes: dict[str, float] = {}
    for descriptor in descriptors:
        unit = descriptor[-1]
        number = _number(descriptor[:-1], unit)
        if number is None or unit in sizes:
            return None
        sizes[unit] = number
    # A density excludes the other two; a height alone is for a future the standard keeps open.
    if ("x" in sizes and len(sizes) > 1) or ("h" in sizes and "w" not in sizes):
        return None
    width, height = sizes.get("w"), sizes.get("h")
    return SrcsetCandidate(
        url,
        width=None if width is None else int(width),
        density=sizes.get("x"),
        height=None if height is None else int(height),
    )


def _number(text: str, unit: str) -> float | None:
    """Return the number of a descriptor, ``None`` when it is not a valid one."""
    if unit in ("w", "h"):
        match = _INTEGER.match(text)
        return (int(match[1]) or None) if match else None
    if unit == "x" and _FLOAT.match(text):
        number = float(text)
        return number if 0 <= number < float("inf") else None
    return None
