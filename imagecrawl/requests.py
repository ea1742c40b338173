"""How does imagecrawl ask for an image, and what becomes of the answer?

Images are ordinary scheduled Requests: so they have the scheduler's back-pressure, AutoThrottle,
retries and the durable frontier, none of which Scrapy's media pipelines give them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec
from scrapy import Request
from scrapy.http import Response
from w3lib.http import basic_auth_header

from imagecrawl.discovery.directives import header_directives
from imagecrawl.items import ImageItem
from imagecrawl.meta import ENTRY_KEY, IMAGE_KEY
from imagecrawl.text import cleaned

IMAGE_PRIORITY = 10
"""Above pages: the images of a page come before the next pages, and the queue stays short."""
_MOST_ALTERNATIVES = 16


def image_callback(response: Response) -> Iterator[ImageItem]:
    """The callback of every image Request: one :class:`ImageItem`."""
    yield image_item(response)


NAMED_CALLBACKS = {"imagecrawl.image": image_callback}
"""Callbacks that are no methods of a spider, under the names the frontier keeps them by."""


def image_request(
    url: str,
    *,
    page_url: str | None = None,
    alt: str | None = None,
    source: str | None = None,
    title: str | None = None,
    caption: str | None = None,
    position: int | None = None,
    robots: Iterable[str] = (),
    alternatives: Sequence[str] = (),
    fields: Mapping[str, Any] | None = None,
    name: str | None = None,
    meta: Mapping[str, Any] | None = None,
) -> Request:
    """Return the Request for the image at *url*; the rest travels along to its record.

    *alternatives* are URLs of the same picture, best first: when an image is not to be had, the
    next one is asked for in its place. *robots* are the directives of the page
    (:mod:`imagecrawl.discovery.directives`). With a *name* its file is called that, as far as
    a file can be, and not by its content.
    """
    # What a feed would make of them: text where JSON has no word for it.
    fields = msgspec.to_builtins(dict(fields or {}), enc_hook=str)
    about = {"alt": alt, "title": title, "caption": caption, "position": position}
    found = {"page_url": page_url, "source": source, "robots": list(robots), "name": name}
    others = list(alternatives[:_MOST_ALTERNATIVES])
    image = cleaned({**found, **about, "alternatives": others, "fields": fields})
    kept = {key: value for key, value in image.items() if value}
    # Images live on CDNs: a spider's allowed_domains is about pages, as it is for
    # Scrapy's own images pipeline.
    url, headers = _credentials(url)
    return Request(
        url,
        callback=image_callback,
        headers=headers,
        meta={**(meta or {}), IMAGE_KEY: kept, "allow_offsite": True},
        priority=IMAGE_PRIORITY,
    )


def _credentials(url: str) -> tuple[str, dict[str, bytes] | None]:
    """Take ``user:password@`` out of *url*, which Scrapy cannot ask for, into a header."""
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url, None
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    header = basic_auth_header(user, password, "utf-8")  # RFC 7617 leaves it open; as browsers do
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    return bare.geturl(), {"Authorization": header}


def image_item(response: Response) -> ImageItem:
    """Return the item for *response*, whatever it turns out to be."""
    request = response.request
    assert request is not None
    image = request.meta.get(IMAGE_KEY) or {}
    redirects = request.meta.get("redirect_urls") or []
    content_type = response.headers.get("Content-Type")
    return ImageItem(
        url=redirects[0] if redirects else request.url,
        body=response.body,
        page_url=image.get("page_url"),
        final_url=response.url if redirects else None,
        http_status=response.status,
        content_type=content_type.decode("latin-1") if content_type else None,
        alt=image.get("alt"),
        source=image.get("source"),
        title=image.get("title"),
        caption=image.get("caption"),
        position=image.get("position"),
        robots=_robots(response, image.get("robots") or ()),
        attempts=request.meta.get("retry_times", 0) + 1,
        fetched_at=datetime.now(timezone.utc),
        fields=image.get("fields") or {},
        name=image.get("name"),
        entry_id=request.meta.get(ENTRY_KEY),
    )


def _robots(response: Response, of_the_page: Iterable[str]) -> list[str]:
    """Return the directives of the page and those that came with the image, each once."""
    return list(dict.fromkeys([*of_the_page, *header_directives(response)]))
