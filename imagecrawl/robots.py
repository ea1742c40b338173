"""By which name does a robots.txt speak of us? One for what it forbids, and for its delay."""

from __future__ import annotations

from scrapy import Request
from scrapy.settings import BaseSettings


def robots_agent(settings: BaseSettings, request: Request) -> str | bytes:
    """Return the user agent whose group of rules holds for *request*, as Scrapy chooses it: the
    browser that is impersonated later is not meant."""
    named: str | None = settings["ROBOTSTXT_USER_AGENT"]
    own: bytes | None = request.headers.get(b"User-Agent")
    return named or own or str(settings["USER_AGENT"])
