"""What becomes of the familiar ``{"image_urls": [...]}`` item? Image Requests."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from itemadapter import ItemAdapter
from scrapy import Request
from scrapy.utils.python import global_object_name

from imagecrawl.inputs.urls import check_url
from imagecrawl.meta import ITEM_KEY
from imagecrawl.requests import image_request

logger = logging.getLogger(__name__)

URLS_FIELD = "image_urls"
"""As in Scrapy's own images pipeline."""


def image_requests(one: Any, page_url: str | None) -> Iterator[Any]:
    """Yield an image Request for each URL of the item *one*, or *one* itself if it has none.

    The item's other fields travel along, to the record of each of its images. URLs may be
    relative to *page_url*; what is no http(s) URL is logged and left out.
    """
    if one is None or isinstance(one, Request) or not ItemAdapter.is_item(one):
        yield one
        return
    item = ItemAdapter(one)
    urls = item.get(URLS_FIELD)
    if not urls:
        yield one
        return
    fields = {k: v for k, v in item.asdict().items() if k not in (URLS_FIELD, "images")}
    named = set()
    for url in [urls] if isinstance(urls, str) else urls:
        request = _request(url, page_url, fields)
        if request is not None:
            if request.url not in named:
                named.add(request.url)
                yield request
        else:
            logger.warning(
                "%s: %r in image_urls of %s is no http(s) URL",
                *(page_url or "start()", url, global_object_name(type(one))),
            )


def _request(url: Any, page_url: str | None, fields: dict[str, Any]) -> Request | None:
    if not isinstance(url, str) or not url.strip():
        return None
    try:
        absolute = check_url(urljoin(page_url or "", url.strip()))
        request = image_request(absolute, page_url=page_url, fields=fields)
    except ValueError:
        return None
    if fields:
        request.meta[ITEM_KEY] = True
    return request
