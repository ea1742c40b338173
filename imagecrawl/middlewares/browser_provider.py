"""Where do the User-Agents come from? A provider of scrapy-fake-useragent, with a bundled pool."""

from __future__ import annotations

import random
from functools import cache
from importlib.resources import files

from scrapy.settings import BaseSettings
from scrapy_fake_useragent.providers import BaseProvider

from imagecrawl.policies.identities import Browser, BrowserPool, parse_pool


@cache
def bundled_browsers() -> tuple[Browser, ...]:
    """The pool that ships with the package, which may be an egg: a zip, not a folder."""
    text = files("imagecrawl.data").joinpath("browsers.json").read_text(encoding="utf-8")
    return tuple(parse_pool(text))


class BrowserProvider(BaseProvider):  # type: ignore[misc]  # the package has no types
    """Current desktop browsers, as often as people use them."""

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self._pool = BrowserPool(bundled_browsers(), random.Random())

    def get_random_ua(self) -> str:
        return self._pool.pick().user_agent
