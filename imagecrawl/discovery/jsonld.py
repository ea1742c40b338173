"""Which images does the structured data of a page name?

JSON-LD as search engines ask for it (https://schema.org, https://json-ld.org/spec/latest/): the
images are the values of a few properties, a string, an object with a ``url``, a reference to an
object elsewhere in the graph, or a list of such.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from imagecrawl.discovery.names import words

PROPERTIES = words(
    "image images thumbnail thumbnailurl logo photo photos primaryimage primaryimageofpage "
    "contenturl screenshot"
)
"""In lower case. A ``contentUrl`` may be a film's: who takes it looks at its name."""
_URLS = ("contentUrl", "url", "@id", "embedUrl", "thumbnailUrl")
_JUNK = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|"
                   r"(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>|;)\s*$")  # fmt: skip
_TRAILING_COMMA = re.compile(r",(?=\s*[\]}])")
_PAIR = re.compile(
    r'"(' + "|".join(PROPERTIES) + r')"\s*:\s*(?:\[\s*)?"((?:[^"\\\n]|\\.)*)"', re.IGNORECASE
)
_OBJECT_PAIR = re.compile(
    r'"(' + "|".join(PROPERTIES) + r')"\s*:\s*(?:\[\s*)?\{[^{}]*?"url"\s*:\s*"((?:[^"\\\n]|\\.)*)"',
    re.IGNORECASE,
)


def json_ld_images(text: str) -> Iterator[tuple[str, str]]:
    """Yield property and reference of each image in *text*, the content of a ``script``.

    What is no JSON, or nested too deeply to be parsed, is searched for the properties.
    """
    try:
        data = _parsed(text)
    except (ValueError, RecursionError):
        for pattern in (_PAIR, _OBJECT_PAIR):
            for name, value in pattern.findall(text):
                yield name, _unescaped(value)
        return
    yield from _walk(data)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except ValueError:
        cleaned = _JUNK.sub("", _JUNK.sub("", text))
        return json.loads(_TRAILING_COMMA.sub("", cleaned), strict=False)


def _unescaped(value: str) -> str:
    try:
        return str(json.loads(f'"{value}"', strict=False))
    except ValueError:
        return value


def _walk(data: Any) -> Iterator[tuple[str, str]]:
    by_id: dict[str, dict[str, Any]] = {}
    found: list[tuple[str, Any]] = []
    queue = [data]
    while queue:
        node = queue.pop()
        if isinstance(node, list):
            queue.extend(reversed(node))
        elif isinstance(node, dict):
            if isinstance(node.get("@id"), str) and len(node) > 1:
                by_id.setdefault(node["@id"], node)
            found.extend(_images_of(node))
            queue.extend(reversed([one for one in node.values() if isinstance(one, (dict, list))]))
    for name, value in found:
        for one in _flat(value):
            reference = _reference(one, by_id)
            if reference:
                yield name, reference


def _images_of(node: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the properties of *node* that have images: their names without a prefix."""
    for name, value in node.items():
        short = name.rpartition(":")[2].rpartition("/")[2]
        if short.lower() == "contenturl" and "ImageObject" in str(node.get("@type")):
            short = "image"
        if short.lower() in PROPERTIES:
            yield short, value


def _flat(value: Any) -> Iterator[Any]:
    queue = [value]
    while queue:
        one = queue.pop()
        if isinstance(one, list):
            queue.extend(reversed(one))
        else:
            yield one


def _reference(value: Any, by_id: dict[str, dict[str, Any]]) -> str | None:
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("@value"), str):
        return str(value["@value"])
    own = value if len(value) > 1 else by_id.get(str(value.get("@id")), value)
    for name in _URLS:
        inner = own.get(name)
        if isinstance(inner, list) and inner:
            inner = inner[0]
        if isinstance(inner, str) and inner and not (name == "@id" and "#" in inner):
            return inner
    return None
