"""With which arguments was a plain spider started? Its job is named after them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import msgspec
from scrapy import Spider

from imagecrawl import scrapy_internals
from imagecrawl.errors import ConfigError
from imagecrawl.jobs.job import ABOUT_THE_JOB


def job_key(spider: Spider) -> dict[str, Any]:
    """Return what the name of the job of *spider* is derived from, as plain data.

    Its arguments as they were given, not its attributes: of those some are made in ``__init__``,
    and some arguments leave none. Raises :exc:`ConfigError` for an argument that is not the same
    the next time.
    """
    positional, named = _given(spider)
    key = {name: _stable(name, value) for name, value in named.items()}
    if positional:
        key["*"] = [_stable(f"number {n}", value) for n, value in enumerate(positional, 1)]
    return key


def remembered_arguments(spider: Spider) -> dict[str, Any]:
    """Return the arguments that can be typed again, as ``-a NAME=VALUE``."""
    named = _given(spider)[1].items()
    return {name: value for name, value in named if _typed(value)}


def _given(spider: Spider) -> tuple[tuple[Any, ...], Mapping[str, Any]]:
    given = scrapy_internals.spider_arguments(spider.crawler)
    if given is None:  # nobody crawls: what a plain spider makes of its arguments
        given = (), {name: value for name, value in vars(spider).items() if _typed(value)}
    positional, named = given
    about = {name for name in named if name.startswith("_")} | set(ABOUT_THE_JOB)
    return positional, {name: value for name, value in named.items() if name not in about}


def _typed(value: object) -> bool:
    return isinstance(value, (str, int, float))


def _stable(name: str, value: Any) -> Any:
    try:
        return msgspec.to_builtins(value, enc_hook=_named, str_keys=True, order="deterministic")
    except (TypeError, ValueError, AttributeError, RecursionError):
        raise ConfigError(
            f"the argument {name} of the spider is {value!r}: no job can be named after it, so "
            "that it would be the same the next time; name the job with job=NAME, or set JOBDIR"
        ) from None


def _named(value: Any) -> str:
    """Return a path as it is written, and a class or function as it is imported."""
    if isinstance(value, PurePath):
        return str(value)
    if value.__name__ == "<lambda>":
        raise ValueError("all have this name")
    return f"{value.__module__}.{value.__qualname__}"
