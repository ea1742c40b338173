"""How does an item that a Request carries come back? ``scrapy.Item``, dataclasses and attrs.

By the path of its class and its fields, as they were: no code of the class is run, so whoever can
write the frontier's file cannot run it either.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, cast

from scrapy import Item
from scrapy.utils.misc import load_object

from imagecrawl.errors import EncodeError


def state_of(value: Any) -> tuple[str, dict[str, Any]] | None:
    """Return the path of an item's class, and its fields; ``None`` of what is no item, or one
    that would not come back as it is: its class is not found, or it has more than its fields."""
    cls = type(value)
    path = f"{cls.__module__}.{cls.__qualname__}"
    if isinstance(value, Item):
        state = dict(value)
    else:
        names = _field_names(cls)
        if not names or "__new__" in {name for one in cls.__mro__[:-1] for name in vars(one)}:
            return None
        state = {name: getattr(value, name) for name in names if hasattr(value, name)}
        if not state.keys() >= getattr(value, "__dict__", {}).keys():
            return None
    return (path, state) if _item_class(path) is cls else None


def made_item(path: str, state: dict[str, Any]) -> Any:
    """Return the item that :func:`state_of` was given. Raises :exc:`EncodeError`."""
    cls = _item_class(path)
    if cls is None or not state.keys() <= set(_field_names(cls)):
        raise EncodeError(
            f"the frontier has an item {path} with {', '.join(state)}, which the project has "
            "not: bring it back, or start afresh with -a restart=true"
        )
    item: Any = cast("Any", cls).__new__(cls)
    if isinstance(item, Item):
        Item.__init__(item, state)
    else:
        for name, value in state.items():
            object.__setattr__(item, name, value)  # also where it is frozen
    return item


def _field_names(cls: type) -> Iterable[str]:
    if issubclass(cls, Item):
        return list(cls.fields)
    if dataclasses.is_dataclass(cls):
        return [field.name for field in dataclasses.fields(cls)]
    return [field.name for field in getattr(cls, "__attrs_attrs__", ())]


@lru_cache(maxsize=64)
def _item_class(path: str) -> type | None:
    try:
        found = load_object(path)
    except (ImportError, NameError, ValueError, TypeError, AttributeError):
        return None
    kept = isinstance(found, type) and (issubclass(found, Item) or _field_names(found))
    return cast("type", found) if kept else None
