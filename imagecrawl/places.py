"""Where do the relative paths of the settings lead, here and on a Scrapyd node?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scrapy.settings import BaseSettings

from imagecrawl.errors import ConfigError
from imagecrawl.stores.local import store_root

SCRAPYD_ARGUMENT = "_job"
"""The spider argument that Scrapyd, and nobody else, gives every job: its id there."""


def home_of(settings: BaseSettings) -> Path | None:
    """Return the folder that ``IMAGECRAWL_HOME`` names, ``None`` if it names none.

    Raises :exc:`ConfigError` if it is not absolute: it is there to say where things are.
    """
    text = str(settings.get("IMAGECRAWL_HOME") or "")
    if not text:
        return None
    try:
        home = Path(text).expanduser()
    except RuntimeError as error:  # ~nobody
        raise ConfigError(f"IMAGECRAWL_HOME={text!r}: {error}") from None
    if not home.is_absolute():
        raise ConfigError(f"IMAGECRAWL_HOME={text!r} is not absolute")
    return home


def store_of(settings: BaseSettings) -> Path:
    """Return the absolute folder for the images; raise :exc:`ConfigError` if there is none."""
    return store_root(settings["IMAGES_STORE"], home_of(settings))


def check_on_node(settings: BaseSettings, arguments: Mapping[str, Any]) -> None:
    """Raise :exc:`ConfigError` if Scrapyd runs us, and a path would lead to Scrapyd's folder.

    That folder is wherever somebody has started the daemon; images would be lost sight of there,
    and jobs not be found again by the next one.
    """
    if SCRAPYD_ARGUMENT not in arguments or home_of(settings) is not None:
        return
    named = bool(arguments.get("job"))
    relative = ["IMAGES_STORE"]
    if named or not settings.get("JOBDIR"):
        relative.append("IMAGECRAWL_JOBS_DIR")
    for name in relative:
        text = str(settings.get(name) or "")
        if text and "://" not in text and not Path(text).expanduser().is_absolute():
            raise ConfigError(
                f"{name}={text!r} is relative, and would lie in Scrapyd's own folder: set "
                "IMAGECRAWL_HOME to the folder that images and jobs are kept in, or give an "
                "absolute path"
            )
