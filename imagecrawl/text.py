"""What becomes of text that cannot be written down?

A page's broken script, or an exception about one, may hold half a surrogate pair: no UTF-8 has it.
"""

from __future__ import annotations

import re
from typing import Any

# Control characters but for tab and newline, what changes the direction of writing, line ends
# that are none to a terminal, and halves of surrogate pairs.
_HARMFUL = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f"
    "\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)


def clean_text(text: str) -> str:
    """Return *text* with a question mark for each half of a surrogate pair."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def cleaned(value: Any) -> Any:
    """Return *value*, plain data, with all of its text clean."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {cleaned(key): cleaned(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [cleaned(one) for one in value]
    return value


def printable(text: str) -> str:
    """Return *text* on one line, without anything that a terminal would obey."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def harmless(text: str) -> str:
    """Return *text*, of as many lines, without anything that a terminal would obey."""
    return _HARMFUL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
