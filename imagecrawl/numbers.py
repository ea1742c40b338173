"""How is a number, or a yes or no, among the settings read?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from scrapy.settings import BaseSettings

from imagecrawl.errors import ConfigError

T = TypeVar("T", int, float)


def read_number(settings: BaseSettings, name: str, convert: Callable[[str], T], least: T) -> T:
    """Return the setting *name*; raise :exc:`ConfigError` with its value if it is no number."""
    value = settings.get(name)
    try:
        number = convert(value)
    except (TypeError, ValueError, OverflowError):
        kind = "a whole number" if convert is int else "a number"
        raise ConfigError(f"{name}={value!r} is not {kind}") from None
    if not number >= least:  # also true of NaN
        raise ConfigError(f"{name}={value!r} is too small: it must be at least {least:g}")
    return number


def read_flag(settings: BaseSettings, name: str) -> bool:
    """Return the setting *name*; raise :exc:`ConfigError` if it is neither true nor false."""
    try:
        return settings.getbool(name)
    except ValueError:
        raise ConfigError(f"{name}={settings.get(name)!r} is neither true nor false") from None
