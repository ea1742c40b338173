"""Is there what we need?"""

from __future__ import annotations

import inspect

from imagecrawl.errors import ConfigError


def expect(owner: object, *names: str, of: str = "Scrapy") -> None:
    """Raise :exc:`ConfigError`, which says so, if *owner* lacks one of *names*."""
    for name in names:
        if not hasattr(owner, name):
            named = owner if inspect.isclass(owner) or inspect.ismodule(owner) else type(owner)
            raise ConfigError(f"this version of {of} has no {named.__name__}.{name}")
