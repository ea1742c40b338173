"""Which links does a ``Link`` header field give?"""

from __future__ import annotations

import re
from collections.abc import Iterator

_VALUE = r'(?:"(?:[^"\\]|\\.)*"|[^\s;,"]*)'
_PARAMETER = re.compile(rf"\s*;\s*([^\s;,=\"]*)(?:\s*=\s*({_VALUE}))?")
_TARGET = re.compile(r"<([^<>]*)>")


def links_of(field: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the target and the relation types of each link in *field* (RFC 8288, section 3).

    Only the first ``rel`` counts, and it may hold several types (section 3.3). A link with an
    ``anchor`` is about another document (section 3.2) and left out.
    """
    position = 0
    while target := _TARGET.search(field, position):
        position = target.end()
        parameters: dict[str, str] = {}
        while parameter := _PARAMETER.match(field, position):
            value = re.sub(r"\\(.)", r"\1", (parameter[2] or "").strip('"'))
            parameters.setdefault(parameter[1].lower(), value)
            position = parameter.end()
        if "anchor" not in parameters:
            yield target[1], frozenset(parameters.get("rel", "").lower().split())
