"""Which browser is a request, and do the headers beside its User-Agent say the same?"""

from __future__ import annotations

import random
from typing import Any

from scrapy.crawler import Crawler
from scrapy.http import Request
from scrapy.settings import BaseSettings
from scrapy.spidermiddlewares.referer import NoReferrerWhenDowngradePolicy
from scrapy.utils.misc import load_object
from scrapy_fake_useragent.middleware import (
    FAKE_USERAGENT_PROVIDER_PATH,
    RandomUserAgentMiddleware,
)
from w3lib.url import safe_url_string

from imagecrawl.errors import ConfigError
from imagecrawl.meta import IMAGE_KEY
from imagecrawl.middlewares.browser_provider import bundled_browsers
from imagecrawl.policies.identities import BrowserPool, Kind, accept_headers

PROVIDERS_SETTING = "FAKEUSERAGENT_PROVIDERS"

_ADVICE = "repair it, or put imagecrawl.middlewares.browser_provider.BrowserProvider first"
_REFERRER_POLICY = NoReferrerWhenDowngradePolicy()


class RotatingUserAgentMiddleware(RandomUserAgentMiddleware):  # type: ignore[misc]  # no types
    """scrapy-fake-useragent's middleware, made coherent and strict.

    Headers that are already set always stay: a spider's own, and those of a retried or
    redirected request, which keeps being the browser it was.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._known = BrowserPool(bundled_browsers(), random.Random())

    def _get_provider(self, crawler: Crawler) -> Any:
        # The package's own version goes on with another provider, or with USER_AGENT, when
        # the configured one fails, and only logs it.
        return load_provider(crawler.settings)

    def process_request(self, request: Request) -> None:
        super().process_request(request, None)
        user_agent = (request.headers.get("User-Agent") or b"").decode("latin-1")
        image = request.meta.get(IMAGE_KEY)
        kind: Kind = "document" if image is None else "image"
        for name, value in accept_headers(self._known.by_user_agent(user_agent), kind).items():
            request.headers.setdefault(name, value)
        if image and image.get("page_url") and request.meta.get("redirect_times"):
            set_referer(request, image["page_url"])


def load_provider(settings: BaseSettings) -> Any:
    """The first configured provider, proven to work. Raises ConfigError: there is no plan B."""
    path = (settings.getlist(PROVIDERS_SETTING) or [FAKE_USERAGENT_PROVIDER_PATH])[0]
    try:
        provider = load_object(path)(settings)
        user_agent = provider.get_random_ua()
    except Exception as exc:  # a provider can raise anything
        reason = " ".join(f"{type(exc).__name__}: {exc}".split())
        raise ConfigError(f"{PROVIDERS_SETTING}: cannot use {path} ({reason}); {_ADVICE}") from exc
    if not isinstance(user_agent, str) or not user_agent.strip():
        gave = f"{path} gave {user_agent!r} for a User-Agent"
        raise ConfigError(f"{PROVIDERS_SETTING}: {gave}; {_ADVICE}")
    return provider


def set_referer(request: Request, page_url: str) -> None:
    """Name the page that shows the image, as browsers do all along a chain of redirects.

    RedirectMiddleware would name the redirecting URL.
    """
    try:
        referrer = _REFERRER_POLICY.referrer(safe_url_string(page_url), request.url)
    except ValueError:  # not a URL: the image is still worth a request
        referrer = None
    if referrer:
        request.headers["Referer"] = referrer
    else:
        request.headers.pop("Referer", None)
