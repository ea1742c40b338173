"""What may a hook of a spider return? One, many or none, at once or in time."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping
from typing import Any

from scrapy import Spider
from scrapy.link import Link
from scrapy.selector import Selector

from imagecrawl.discovery.candidates import ImageCandidate

_MANY: dict[str, tuple[type, ...]] = {
    "image_candidates": (ImageCandidate,),
    "next_pages": (str, Link, Selector),
}
"""Of what each hook may return one or many: its own word for it comes first."""


def is_async(hook: Any) -> bool:
    """Tell whether *hook* is an ``async def``."""
    return inspect.iscoroutinefunction(hook) or inspect.isasyncgenfunction(hook)


def returned(spider: Spider, hook: str, result: Any) -> Iterator[Any]:
    """Yield what *hook* returned, one after the other. Raises :exc:`TypeError`, which
    names it."""
    kinds = _MANY[hook]
    many = [result] if isinstance(result, kinds) or result is None else result
    if not isinstance(many, Iterable) or isinstance(many, (str, bytes)):
        raise _wrong(spider, hook, result)
    for one in many:
        if isinstance(one, kinds):
            yield one
        elif one is not None:  # as of `.get()`, where there is no next page
            raise _wrong(spider, hook, one)


async def awaited(spider: Spider, hook: str, result: Any) -> AsyncIterator[Any]:
    """Yield the same of what may have to be waited for."""
    if inspect.isawaitable(result):
        result = await result
    if not isinstance(result, AsyncIterable):
        for one in returned(spider, hook, result):
            yield one
        return
    async for part in result:
        for one in returned(spider, hook, part):
            yield one


def described(spider: Spider, result: Any) -> dict[str, Any]:
    """Return the fields that the hook ``describe`` returned."""
    if result is not None and not isinstance(result, Mapping):
        raise _wrong(spider, "describe", result)
    return dict(result or {})


def _wrong(spider: Spider, hook: str, result: Any) -> TypeError:
    if inspect.iscoroutine(result):
        result.close()  # else Python complains, too
    wanted = f"{_MANY[hook][0].__name__}, one or many" if hook in _MANY else "dict"
    return TypeError(
        f"{type(spider).__name__}.{hook}() gave {result!r:.100}, of the type "
        f"{type(result).__name__}: expected is {wanted}, or None"
    )
