"""How does another Scrapy project get all of this? ``ADDONS = {ImageCrawlAddon: 500}``.

What a project sets itself wins over the add-on, which wins over Scrapy's defaults. In a table of
components each line counts for itself: a component that the project lists keeps the place that
it has there (``None``: it is off), all others are added.
"""

from __future__ import annotations

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings
from scrapy.utils.misc import load_object

from imagecrawl.defaults import COMPONENTS, HANDLERS, TABLES, VALUES


class ImageCrawlAddon:
    """The frontier, the retries, the identities and the pipelines of imagecrawl."""

    @classmethod
    def update_pre_crawler_settings(cls, settings: BaseSettings) -> None:
        """Apply what is needed before there is a crawler.

        The resolver of host names belongs to the process, and ``scrapy check`` reads its
        contracts before it makes a crawler.
        """
        _apply(settings)

    def update_settings(self, settings: BaseSettings) -> None:
        """Apply it again: the spider may have settings of its own."""
        _apply(settings)


def _apply(settings: BaseSettings) -> None:
    for name, value in VALUES.items():
        settings.set(name, value, priority="addon")
    for name in COMPONENTS:
        if _is_taken_as_it_is(settings, name):
            continue
        for path, place in TABLES[name].items():
            settings.setdefault_in_component_priority_dict(name, load_object(path), place)
    if not _is_taken_as_it_is(settings, HANDLERS):
        handlers = {**TABLES[HANDLERS], **settings.getdict(HANDLERS)}
        settings.set(HANDLERS, handlers, priority=settings.getpriority(HANDLERS) or 0)


def _is_taken_as_it_is(settings: BaseSettings, name: str) -> bool:
    """Tell whether the table *name* is from the command line, or from a command.

    ``scrapy check`` empties a table; and who writes a table there means all of it.
    """
    return (settings.getpriority(name) or 0) > SETTINGS_PRIORITIES["spider"]
