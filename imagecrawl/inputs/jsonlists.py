"""Which records does a list in JSON or JSON Lines have?

JSON Lines go through msgspec, which we have anyway. JSON of any size needs a parser that streams:
ijson is the one that is kept up, small, and comes with a C library in its wheels.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, cast

import ijson
import msgspec

from imagecrawl.inputs.rows import LONGEST_ROW, BadRow, Record, Records
from imagecrawl.inputs.text import latin, logical_lines, open_text

_PROBED_EVENTS = 100_000
"""How far is looked for a second array: behind that, it is no longer looked for."""


# Which Python writes, and JSON has not: they are no values here.
_NO_NUMBER = re.compile(r"(?<=[\s:,\[])(?:-?Infinity|NaN)(?=\s*[,\]}])")
_WORD_AT_END = re.compile(r"[\s:,\[]-?[A-Za-z]{0,8}\s*\Z")
_DEEP = re.compile(r'(?:[\[{]\s*(?:"[^"\\]{0,100}"\s*:\s*)?){200}')


class _Utf8:
    """A text as the bytes that ijson wants, whatever they are in the file."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._bytes = cast(io.BufferedReader, text.buffer)
        self._decoder = codecs.getincrementaldecoder(text.encoding)("replace")
        self._kept = ""

    def read(self, size: int) -> bytes:
        while size and (data := self._bytes.read1(size)):
            if decoded := self._decoder.decode(data):
                return self._acceptable(decoded)
        kept, self._kept = self._kept, ""
        return kept.encode()

    def _acceptable(self, text: str) -> bytes:
        text = self._kept + text
        if _DEEP.search(text):
            # For each level ijson keeps the names of all levels above it.
            raise OSError("its JSON is nested too deeply")
        # What may be the beginning of a word waits for its end.
        word = _WORD_AT_END.search(text)
        text, self._kept = (text[: word.start()], word[0]) if word else (text, "")
        return _NO_NUMBER.sub("null", text).encode()


def read_json_lines(path: Path, after: int = 0) -> Records:
    """Yield the rows of the JSON Lines at *path* behind line *after*: objects, or texts."""
    decode = msgspec.json.Decoder().decode
    with open_text(path) as text:
        for number, line, too_long in logical_lines(text, LONGEST_ROW):
            if number <= after:
                yield None
            elif too_long:
                yield BadRow(number, number, line, f"longer than {LONGEST_ROW} characters")
            elif line := line.strip():
                try:
                    yield _record(number, decode(latin(line)), line)
                except (msgspec.DecodeError, RecursionError) as error:
                    yield BadRow(number, number, line, str(error))


def read_json(path: Path, after: int = 0) -> Records:
    """Yield the rows of the JSON at *path* behind row *after*: the elements of its array, or of
    the one array (of objects or texts) that its object has.

    Raises :exc:`OSError` where it is no JSON, or has no such array, or several.
    """
    with _readable_errors():
        prefix = _array(path)
        with open_text(path) as text:
            values = ijson.items(_Utf8(text), prefix)
            for number, value in enumerate(values, 1):
                yield _record(number, value) if number > after else None


def _array(path: Path) -> str:
    """Return what ijson calls the elements of the array that has the rows."""
    found: list[str] = []
    depth, before = 0, None
    with open_text(path) as text, contextlib.suppress(ijson.IncompleteJSONError):
        for prefix, event, _ in islice(ijson.parse(_Utf8(text)), _PROBED_EVENTS):
            if before == "start_array" and event in ("start_map", "string") and depth <= 2:
                found.append(prefix)
                if depth == 1:
                    break  # it is the whole file
            depth += event.startswith("start_") - event.startswith("end_")
            before = event
    if len(found) > 1:
        names = ", ".join(name.removesuffix(".item") for name in found)
        raise OSError(f"it has more than one array ({names}): make a list of the one you want")
    return found[0] if found else "item"


def _record(number: int, value: Any, text: str | None = None) -> Record | BadRow:
    if isinstance(value, (str, dict)):
        return Record(number, number, value)
    return BadRow(number, number, text or str(value), "neither an object nor a text")


@contextlib.contextmanager
def _readable_errors() -> Iterator[None]:
    try:
        yield
    except ijson.JSONError as error:
        detail = str(error.args[0] if error.args else error)
        raise OSError(f"its JSON is cut or damaged: {detail.splitlines()[0]}") from error
