"""Which images does the user want? The filters, as their settings have them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scrapy.settings import BaseSettings

from imagecrawl.errors import ConfigError
from imagecrawl.images.limits import Limits, formats_of
from imagecrawl.numbers import read_flag, read_number

FILTERS = {
    "formats": "IMAGECRAWL_FORMATS",
    "min_width": "IMAGES_MIN_WIDTH",
    "min_height": "IMAGES_MIN_HEIGHT",
    "max_aspect": "IMAGECRAWL_MAX_ASPECT",
    "min_bytes": "IMAGECRAWL_MIN_BYTES",
    "max_bytes": "IMAGECRAWL_MAX_BYTES",
    "image_allow": "IMAGECRAWL_IMAGE_ALLOW",
    "image_deny": "IMAGECRAWL_IMAGE_DENY",
}
"""The spider's arguments, and the settings that they stand for."""


def limits_of(settings: BaseSettings) -> Limits:
    """Return the limits on bytes and pixels; raise :exc:`ConfigError` for a bad setting."""
    try:
        formats = formats_of(settings.getlist("IMAGECRAWL_FORMATS"))
    except ValueError as error:
        raise ConfigError(f"IMAGECRAWL_FORMATS: {error}") from None
    limits = Limits(
        min_width=read_number(settings, "IMAGES_MIN_WIDTH", int, 0),
        min_height=read_number(settings, "IMAGES_MIN_HEIGHT", int, 0),
        max_aspect=read_number(settings, "IMAGECRAWL_MAX_ASPECT", float, 0.0),
        min_bytes=read_number(settings, "IMAGECRAWL_MIN_BYTES", int, 0),
        max_bytes=read_number(settings, "IMAGECRAWL_MAX_BYTES", int, 0),
        formats=formats,
    )
    if 0 < limits.max_aspect < 1:
        raise ConfigError(
            f"IMAGECRAWL_MAX_ASPECT={limits.max_aspect:g} lets no image pass: it is the longer "
            "side divided by the shorter, 1 or more"
        )
    if 0 < limits.max_bytes < limits.min_bytes:
        raise ConfigError(
            f"IMAGECRAWL_MIN_BYTES={limits.min_bytes} and IMAGECRAWL_MAX_BYTES={limits.max_bytes} "
            "let no image pass"
        )
    read_flag(settings, "IMAGECRAWL_DATA_IMAGES")
    return limits


@dataclass(frozen=True, slots=True)
class UrlFilter:
    """Which URLs of images are asked for: one that ``allow`` finds, if there is any, and none
    that ``deny`` does."""

    allow: re.Pattern[str] | None = None
    deny: re.Pattern[str] | None = None

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> UrlFilter:
        """Raises :exc:`ConfigError` for a setting that is no regular expression."""
        return cls(
            *(_pattern(settings, f"IMAGECRAWL_IMAGE_{which}") for which in ("ALLOW", "DENY"))
        )

    def problem(self, url: str) -> str | None:
        """Return why *url* is not asked for, ``None`` if it is."""
        if self.deny is not None and (found := self.deny.search(url)):
            return f"image_deny finds {found[0][:80]!r} in it"
        if self.allow is not None and not self.allow.search(url):
            return f"image_allow={self.allow.pattern!r} does not find anything in it"
        return None


def _pattern(settings: BaseSettings, name: str) -> re.Pattern[str] | None:
    text = settings.get(name)
    if not text:
        return None
    try:
        return re.compile(text)
    except (re.error, TypeError) as error:
        raise ConfigError(f"{name}={text!r} is no regular expression: {error}") from None
