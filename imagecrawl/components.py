"""Can everything that the settings name be loaded here, with what it depends on?

A Scrapyd node lists the spiders of what is deployed to it, and says what is wrong if that fails.
A component is imported only when a crawl starts; so ``scrapy list`` asks this first.
"""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from scrapy.settings import BaseSettings
from scrapy.utils.misc import load_object

import imagecrawl
from imagecrawl.defaults import COMPONENTS, HANDLERS
from imagecrawl.errors import ConfigError


def check_components(settings: BaseSettings) -> None:
    """Raise :exc:`ConfigError`, in one line, for what cannot be loaded or is of a wrong version."""
    problems = wrong_dependencies()
    if problems:
        raise ConfigError(f"the Python in {sys.prefix} " + "; ".join(problems))
    for path in _paths(settings):
        try:
            load_object(path)
        except Exception as error:  # a module may raise anything when it is imported
            message = " ".join(str(error).split())
            raise ConfigError(f"{path}: {type(error).__name__}: {message}") from error


def _paths(settings: BaseSettings) -> list[str]:
    found = list(settings.getlist("FAKEUSERAGENT_PROVIDERS"))
    for name in (*COMPONENTS, HANDLERS):
        table = settings.getdict(name)
        # Of handlers the path is the value, else the key; None switches it off.
        pairs = ((v, v) if name == HANDLERS else (k, v) for k, v in table.items())
        found += [path for path, value in pairs if isinstance(path, str) and value is not None]
    return found


def wrong_dependencies() -> list[str]:
    """Return what is missing, or of another version than this package wants; nothing where the
    sources are run as they are, which do not say what they want."""
    problems = []
    for line in _requires():
        wanted = Requirement(line)
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        try:
            version = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            problems.append(f"has no {wanted.name}, needed is {line}")
            continue
        if not wanted.specifier.contains(version, prereleases=True):
            problems.append(f"has {wanted.name} {version}, needed is {line}")
    return problems


def _requires() -> list[str]:
    # Beside the code, not by name: Scrapyd calls the egg file after the version alone.
    place = str(Path(imagecrawl.__file__).parents[1])
    for one in metadata.distributions(path=[place]):
        if one.metadata["Name"] == "imagecrawl":
            return one.requires or []
    return []
