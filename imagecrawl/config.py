"""Are the settings usable? Read once, checked before the first request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from scrapy.settings import BaseSettings

from imagecrawl.errors import ConfigError
from imagecrawl.images.inspect import Decode
from imagecrawl.policies.backoff import Backoff
from imagecrawl.policies.retry import RetryPolicy

T = TypeVar("T", int, float)

# Numbers that Scrapy reads: a bad one would come up as a traceback in the middle of its start.
_SCRAPYS_OWN = (
    ("DOWNLOAD_TIMEOUT", 0.01),
    ("DOWNLOAD_DELAY", 0.0),
    ("DOWNLOAD_MAXSIZE", 0),
    ("AUTOTHROTTLE_START_DELAY", 0.0),
    ("AUTOTHROTTLE_MAX_DELAY", 0.0),
    ("AUTOTHROTTLE_TARGET_CONCURRENCY", 0.01),
    ("CONCURRENT_ITEMS", 1),
    ("REDIRECT_MAX_TIMES", 0),
)


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of the frontier and of the retries; units are in the names."""

    retry: RetryPolicy
    retry_codes: frozenset[int]
    concurrent_requests: int
    per_host: int
    read_ahead_entries: int
    shutdown_grace_secs: float
    stall_timeout_secs: float
    max_pixels: int
    decode: Decode
    image_threads: int

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Config:
        """Read *settings*; raise :exc:`ConfigError` naming the setting and its bad value."""

        def number(name: str, convert: Callable[[str], T], least: T) -> T:
            return _number(settings, name, convert, least)

        for name, smallest in _SCRAPYS_OWN:
            number(name, float, smallest)
        base = number("IMAGECRAWL_BACKOFF_BASE_SECS", float, 0.0)
        jitter = number("IMAGECRAWL_BACKOFF_JITTER", float, 0.0)
        if jitter > 1:
            raise ConfigError(f"IMAGECRAWL_BACKOFF_JITTER={jitter:g} is too large: at most 1")
        longest = number("IMAGECRAWL_BACKOFF_MAX_SECS", float, base)
        backoff = Backoff(base_secs=base, max_secs=longest, jitter=jitter)
        return cls(
            retry=RetryPolicy(
                times=number("RETRY_TIMES", int, 0) if settings.getbool("RETRY_ENABLED") else 0,
                few=number("IMAGECRAWL_DOUBTFUL_RETRY_TIMES", int, 0),
                backoff=backoff,
            ),
            retry_codes=_codes(settings),
            concurrent_requests=number("CONCURRENT_REQUESTS", int, 1),
            per_host=number("CONCURRENT_REQUESTS_PER_DOMAIN", int, 1),
            read_ahead_entries=number("IMAGECRAWL_READ_AHEAD_ENTRIES", int, 1),
            shutdown_grace_secs=number("IMAGECRAWL_SHUTDOWN_GRACE_SECS", float, 0.0),
            stall_timeout_secs=number("IMAGECRAWL_STALL_TIMEOUT_SECS", float, 0.01),
            max_pixels=number("IMAGECRAWL_MAX_PIXELS", int, 0),
            decode=_decode(settings),
            image_threads=number("IMAGECRAWL_IMAGE_THREADS", int, 1),
        )


def _number(settings: BaseSettings, name: str, convert: Callable[[str], T], least: T) -> T:
    value = settings.get(name)
    try:
        number = convert(value)
    except (TypeError, ValueError, OverflowError):
        kind = "a whole number" if convert is int else "a number"
        raise ConfigError(f"{name}={value!r} is not {kind}") from None
    if not number >= least:  # also true of NaN
        raise ConfigError(f"{name}={value!r} is too small: it must be at least {least:g}")
    return number


def _codes(settings: BaseSettings) -> frozenset[int]:
    codes = settings.getlist("RETRY_HTTP_CODES")
    try:
        return frozenset(int(code) for code in codes)
    except (TypeError, ValueError):
        raise ConfigError(f"RETRY_HTTP_CODES={codes!r} is not a list of HTTP statuses") from None


def _decode(settings: BaseSettings) -> Decode:
    value = settings.get("IMAGECRAWL_DECODE")
    try:
        return Decode(value)
    except ValueError:
        raise ConfigError(f"IMAGECRAWL_DECODE={value!r} is not one of none, sample, all") from None
