"""With which of Scrapy's own settings can imagecrawl not work?"""

from __future__ import annotations

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings
from scrapy.utils.misc import load_object
from scrapy.utils.python import global_object_name
from twisted.internet.asyncioreactor import AsyncioSelectorReactor

from imagecrawl.errors import ConfigError

_MIDDLEWARE = "imagecrawl.spidermiddlewares.frontier.FrontierMiddleware"


def check_prerequisites(settings: BaseSettings) -> None:
    """Raise :exc:`ConfigError`, which names the setting and what to do."""
    path = settings.get("TWISTED_REACTOR", AsyncioSelectorReactor)
    try:
        reactor = load_object(path) if path else None
    except (ImportError, NameError, ValueError, TypeError) as error:
        raise ConfigError(f"TWISTED_REACTOR={path!r} cannot be loaded: {error}") from None
    if not (isinstance(reactor, type) and issubclass(reactor, AsyncioSelectorReactor)):
        raise ConfigError(
            f"TWISTED_REACTOR={path!r} is not based on asyncio, which imagecrawl needs: leave it "
            "at Scrapy's default"
        )
    if settings.getbool("IMAGECRAWL_FRONTIER_ENABLED") and _lacks_the_middleware(settings):
        raise ConfigError(
            f"SPIDER_MIDDLEWARES leaves out {_MIDDLEWARE}, which keeps the books: "
            "set IMAGECRAWL_FRONTIER_ENABLED=False to crawl without"
        )


def _lacks_the_middleware(settings: BaseSettings) -> bool:
    name = "SPIDER_MIDDLEWARES"
    table = {
        key if isinstance(key, str) else global_object_name(key): place
        for key, place in settings.getdict(name).items()
    }
    # The add-on adds what a project leaves out; a table of the command line is taken as it is.
    added = (settings.getpriority(name) or 0) <= SETTINGS_PRIORITIES["spider"]
    return table.get(_MIDDLEWARE, 0 if added else None) is None
