"""Which values may a Request carry, and in which form are they kept?

Plain data goes into MessagePack as it is. What MessagePack has no word for is an extension of it,
so that it comes back as what it was: a set that came back as a list would fail in the callback,
far from where it was yielded.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import msgspec

from imagecrawl.frontier.kept_items import made_item, state_of

_ATOMS = frozenset({str, int, float, bool, bytes, type(None)})
_DEEPEST = 100
_DICT, _ITEM = 11, 12
_EXACT: dict[type, tuple[int, Callable[[Any], Any], Callable[[Any], Any]]] = {
    tuple: (1, list, tuple),
    set: (2, list, set),
    frozenset: (3, list, frozenset),
    datetime: (4, datetime.isoformat, datetime.fromisoformat),
    date: (5, date.isoformat, date.fromisoformat),
    time: (6, time.isoformat, time.fromisoformat),
    timedelta: (7, lambda d: [d.days, d.seconds, d.microseconds], lambda v: timedelta(*v)),
    Decimal: (8, str, Decimal),
    UUID: (9, str, UUID),
    type(Path()): (10, str, Path),
}
"""Their number in the file, how they become plain data, and how they come back."""
_MAKERS = {code: back for code, _, back in _EXACT.values()}
_BASES: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    # Not str(x), which a subclass may have made to say something else.
    (str, str.__str__),
    (int, int.__int__),
    (float, float.__float__),
    (bytes, lambda value: bytes(memoryview(value))),
    *((base, base) for base in (list, dict, tuple, set, frozenset)),
)
_encoder = msgspec.msgpack.Encoder()


class NotPlain(Exception):
    """A value that would not come back as it is."""


def is_plain(value: object, depth: int = 0) -> bool:
    """Tell whether *value* is plain data, to be kept as it is."""
    cls = type(value)
    if cls in _ATOMS:
        return True
    if depth > _DEEPEST:
        return False
    if cls is list:
        return all(is_plain(one, depth + 1) for one in cast("list[object]", value))
    if cls is dict:
        pairs = cast("dict[object, object]", value).items()
        return all(type(k) in _ATOMS and is_plain(v, depth + 1) for k, v in pairs)
    return False


def packed(value: Any, depth: int = 0) -> Any:
    """Return *value* as plain data and extensions. Raises :exc:`NotPlain`.

    An instance of a subclass (a string of lxml, an OrderedDict) is kept as its base; not so an
    Enum and a named tuple, which nobody uses as their base.
    """
    cls = type(value)
    if cls in _ATOMS:
        return value
    if depth > _DEEPEST:
        raise NotPlain
    if cls is list:
        return [packed(one, depth + 1) for one in value]
    if cls is dict:
        return _packed_dict(value, depth + 1)
    if cls in _EXACT:
        if type(getattr(value, "tzinfo", None)) not in (timezone, type(None)):
            raise NotPlain  # its offset would come back, not its rules
        code, plain, _ = _EXACT[cls]
        return _extension(code, packed(plain(value), depth + 1))
    item = state_of(value)
    if item is not None:
        return _extension(_ITEM, packed(list(item), depth + 1))
    return packed(_as_base(value), depth + 1)


def _as_base(value: Any) -> Any:
    if not isinstance(value, enum.Enum) and not hasattr(value, "_fields"):
        for base, plain in _BASES:
            if isinstance(value, base):
                return plain(value)
    raise NotPlain


def unpacked(code: int, data: memoryview) -> Any:
    """Return the value that an extension stands for."""
    value = msgspec.msgpack.decode(data, ext_hook=unpacked)
    if code == _DICT:
        return dict(value)
    if code == _ITEM:
        return made_item(*value)
    return _MAKERS[code](value)


def _packed_dict(value: dict[Any, Any], depth: int) -> Any:
    pairs = [(packed(k, depth), packed(v, depth)) for k, v in value.items()]
    if all(type(k) in _ATOMS for k, _ in pairs):
        return dict(pairs)
    return _extension(_DICT, pairs)  # an extension cannot be a key


def _extension(code: int, value: Any) -> msgspec.msgpack.Ext:
    try:
        return msgspec.msgpack.Ext(code, _encoder.encode(value))
    except (ValueError, OverflowError):
        raise NotPlain from None
