"""Are the settings usable? Read once, checked before the first request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scrapy.settings import BaseSettings

from imagecrawl.errors import ConfigError
from imagecrawl.images.inspect import Decode
from imagecrawl.images.limits import Limits
from imagecrawl.numbers import T, read_number
from imagecrawl.outcomes import is_reason
from imagecrawl.policies.backoff import Backoff
from imagecrawl.policies.health import BreakerRules
from imagecrawl.policies.retry import RetryPolicy
from imagecrawl.prerequisites import check_prerequisites
from imagecrawl.wanted import UrlFilter, limits_of
from imagecrawl.watch.mode import Progress

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
    ("LOGSTATS_INTERVAL", 0.0),
)
_LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class TransferLimits:
    """How silent and how slow a download may be."""

    stall_secs: float
    min_bytes_per_sec: float
    window_secs: float


@dataclass(frozen=True, slots=True)
class HostConfig:
    """The settings of the hosts' health."""

    per_host: int
    breaker: BreakerRules
    retry_after_max_secs: float
    crawl_delay_max_secs: float
    outage_hosts: int
    outage_window_secs: float


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of ours, and those of Scrapy that we go by; units are in the names."""

    retry: RetryPolicy
    retry_codes: frozenset[int]
    concurrent_requests: int
    hosts: HostConfig
    read_ahead_entries: int
    shutdown_grace_secs: float
    transfer: TransferLimits
    resume_min_bytes: int
    partial_max_bytes: int
    wanted: Limits
    url_filter: UrlFilter
    max_pixels: int
    decode: Decode
    image_threads: int
    progress: Progress
    prometheus_port: int

    @property
    def longest_wait_secs(self) -> float:
        """How long an entry may have to wait at most: for its next attempt, or for a host."""
        backoff = self.retry.backoff
        of_a_host = max(self.hosts.breaker.pause.max_secs, self.hosts.retry_after_max_secs)
        return max(backoff.max_secs, of_a_host) * (1 + backoff.jitter)

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Config:
        """Read *settings*; raise :exc:`ConfigError` naming the setting and its bad value."""
        check_prerequisites(settings)

        def number(name: str, convert: Callable[[str], T], least: T) -> T:
            return read_number(settings, name, convert, least)

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
                times=_retries(settings),
                few=number("IMAGECRAWL_DOUBTFUL_RETRY_TIMES", int, 0),
                backoff=backoff,
            ),
            retry_codes=_codes(settings),
            concurrent_requests=number("CONCURRENT_REQUESTS", int, 1),
            hosts=_hosts(settings, backoff),
            read_ahead_entries=number("IMAGECRAWL_READ_AHEAD_ENTRIES", int, 1),
            shutdown_grace_secs=number("IMAGECRAWL_SHUTDOWN_GRACE_SECS", float, 0.0),
            transfer=TransferLimits(
                number("IMAGECRAWL_STALL_TIMEOUT_SECS", float, 0.01),
                number("IMAGECRAWL_MIN_BYTES_PER_SEC", float, 0.0),
                number("IMAGECRAWL_MIN_RATE_WINDOW_SECS", float, 0.01),
            ),
            resume_min_bytes=number("IMAGECRAWL_RESUME_MIN_BYTES", int, 0),
            partial_max_bytes=number("IMAGECRAWL_PARTIAL_MAX_BYTES", int, 0),
            wanted=limits_of(settings),
            url_filter=UrlFilter.from_settings(settings),
            max_pixels=number("IMAGECRAWL_MAX_PIXELS", int, 0),
            decode=_decode(settings),
            image_threads=number("IMAGECRAWL_IMAGE_THREADS", int, 1),
            progress=Progress.from_settings(settings),
            prometheus_port=_port(settings),
        )


def _hosts(settings: BaseSettings, backoff: Backoff) -> HostConfig:
    def number(name: str, least: float) -> float:
        return read_number(settings, name, float, least)

    longest = number("IMAGECRAWL_HOST_PAUSE_MAX_SECS", backoff.base_secs)
    return HostConfig(
        per_host=read_number(settings, "CONCURRENT_REQUESTS_PER_DOMAIN", int, 1),
        breaker=BreakerRules(
            thresholds=_thresholds(settings),
            pause=Backoff(backoff.base_secs, longest, backoff.jitter),
            give_up_secs=number("IMAGECRAWL_HOST_GIVE_UP_SECS", 0.0),
            rounds_unknown=_retries(settings),
            start_delay_secs=number("AUTOTHROTTLE_START_DELAY", 0.0)
            if settings.getbool("AUTOTHROTTLE_ENABLED")
            else 0.0,
            max_delay_secs=number("AUTOTHROTTLE_MAX_DELAY", 0.0),
        ),
        retry_after_max_secs=number("IMAGECRAWL_RETRY_AFTER_MAX_SECS", 0.0),
        crawl_delay_max_secs=number("IMAGECRAWL_CRAWL_DELAY_MAX_SECS", 0.0),
        outage_hosts=read_number(settings, "IMAGECRAWL_OUTAGE_HOSTS", int, 2),
        outage_window_secs=number("IMAGECRAWL_OUTAGE_WINDOW_SECS", 0.0),
    )


def _retries(settings: BaseSettings) -> int:
    times = read_number(settings, "RETRY_TIMES", int, 0)
    return times if settings.getbool("RETRY_ENABLED") else 0


def _thresholds(settings: BaseSettings) -> dict[str, int]:
    name = "IMAGECRAWL_HOST_FAILURES"
    try:
        thresholds = {str(k): int(v) for k, v in settings.getdict(name).items()}
    except (TypeError, ValueError):
        raise ConfigError(
            f"{name}={settings.get(name)!r} is no table of reasons and numbers"
        ) from None
    for reason, number in thresholds.items():
        if not is_reason(reason):
            raise ConfigError(f"{name}: {reason!r} is no reason (docs/outcomes.md lists them)")
        if number < 1:
            raise ConfigError(f"{name}: {reason!r} must be at least 1, not {number}")
    return thresholds


def _codes(settings: BaseSettings) -> frozenset[int]:
    codes = settings.getlist("RETRY_HTTP_CODES")
    try:
        return frozenset(int(code) for code in codes)
    except (TypeError, ValueError):
        raise ConfigError(f"RETRY_HTTP_CODES={codes!r} is not a list of HTTP statuses") from None


def _port(settings: BaseSettings) -> int:
    name = "IMAGECRAWL_PROMETHEUS_PORT"
    if settings.get(name) in (None, "", "None"):
        return 0
    port = read_number(settings, name, int, 0)
    if port > _LAST_PORT:
        raise ConfigError(f"{name}={port} is too large: at most {_LAST_PORT}")
    return port


def _decode(settings: BaseSettings) -> Decode:
    value = settings.get("IMAGECRAWL_DECODE")
    try:
        return Decode(value)
    except ValueError:
        raise ConfigError(f"IMAGECRAWL_DECODE={value!r} is not one of none, sample, all") from None
