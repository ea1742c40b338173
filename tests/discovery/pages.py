"""Responses to discover in."""

from __future__ import annotations

from scrapy.http import HtmlResponse

from imagecrawl.discovery.candidates import ImageCandidate
from imagecrawl.discovery.images import ImageExtractor

SITE = "https://example.com"


def page(
    body: str, url: str = f"{SITE}/dir/page", encoding: str = "utf-8", link: str | None = None
) -> HtmlResponse:
    headers = {"Content-Type": f"text/html; charset={encoding}"}
    if link is not None:
        headers["Link"] = link
    return HtmlResponse(url, body=body.encode(encoding), headers=headers)


def images(body: str, **kwargs: str) -> list[ImageCandidate]:
    return ImageExtractor().extract(page(body, **kwargs))


def short(body: str) -> list[tuple[str, ...]]:
    """Return source, URL and alternatives, without the site."""
    return [
        (found.source, *(url.removeprefix(SITE) for url in found.sizes)) for found in images(body)
    ]
