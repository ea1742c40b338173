"""How is a value of a list told in a record, which is plain data?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

_DEEPEST = 20
_LONGEST_BYTES = 64
_LARGEST_INT = 2**63


def plain(value: object, depth: int = 0) -> Any:
    """Return *value* as text, a number, a list or a dict; ``None`` if there is nothing to tell.

    Bytes are text or, if they are no UTF-8, hexadecimal digits: a hash. Longer ones (a whole
    image) are left out, and so is what is nested more than 20 deep.
    """
    if isinstance(value, str):
        return value or None
    if isinstance(value, int):  # msgpack has 64 bits for them
        return value if -_LARGEST_INT <= value < _LARGEST_INT else str(value)
    if isinstance(value, float):
        return value if value == value else None  # NaN is how pandas says null
    if isinstance(value, Decimal):  # so are all fractions in JSON
        whole = value.as_tuple().exponent == 0
        return plain(int(value) if whole else float(value))
    if value is None or depth > _DEEPEST:
        return None
    if isinstance(value, bytes):
        return _text(value)
    if isinstance(value, dict):
        pairs = ((str(key), plain(one, depth + 1)) for key, one in value.items())
        return {key: one for key, one in pairs if one is not None} or None
    if isinstance(value, (list, tuple)):
        found = (plain(one, depth + 1) for one in value)
        return [one for one in found if one is not None] or None
    return msgspec.to_builtins(value, enc_hook=str)  # dates and times


def _text(value: bytes) -> str | None:
    try:
        return value.decode() or None
    except UnicodeDecodeError:
        return value.hex() if len(value) <= _LONGEST_BYTES else None
