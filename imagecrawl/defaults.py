"""Which of the project's settings does another project get?

They are read from :mod:`imagecrawl.settings`, so that there is one place for a default. What is
a matter of the project alone is left out: its name, its spiders, its log, its consoles.
"""

from __future__ import annotations

from typing import Any

from imagecrawl import settings

COMPONENTS = (
    *("DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "ITEM_PIPELINES", "EXTENSIONS"),
    "SPIDER_CONTRACTS",
)
"""Tables of components and their places."""
HANDLERS = "DOWNLOAD_HANDLERS"
"""A table, too: of schemes."""

_OF_THE_PROJECT = {
    *("BOT_NAME", "SPIDER_MODULES", "NEWSPIDER_MODULE", "COMMANDS_MODULE"),
    *("LOG_LEVEL", "LOG_VERSIONS", "FEED_EXPORT_ENCODING"),
    "IMAGECRAWL_LOG_BRIEF",
    *("TELNETCONSOLE_ENABLED", "REMOTE_CONTROL_ENABLED"),
}

VALUES: dict[str, Any] = {
    name: value
    for name, value in vars(settings).items()
    if name.isupper() and name not in {*COMPONENTS, HANDLERS} | _OF_THE_PROJECT
}
"""All that is no table of components."""

TABLES: dict[str, dict[str, Any]] = {
    name: getattr(settings, name) for name in (*COMPONENTS, HANDLERS)
}
