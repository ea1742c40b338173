"""Has an answer given what was asked for? And does a host still give what it gave before?"""

from __future__ import annotations

from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Headers, Response

from imagecrawl.images.facts import BadImage
from imagecrawl.images.inspect import refusal
from imagecrawl.images.sniff import sniff
from imagecrawl.meta import IMAGE_KEY
from imagecrawl.outcomes import Reason, http_reason
from imagecrawl.policies.refusals import is_refusal

ENOUGH_BYTES = 512
"""So many of the first bytes of a body tell what it is."""
_NO_MORE = frozenset({400, 404, 405, 406, 410, 412, 414, 416, 501})
"""Statuses that tell nothing of a host which is asked again for what it gave before."""
_OF_THE_CLIENT = ("User-Agent", "Accept", "Accept-Language", "Referer", "Cookie", "Authorization")
_OF_ANY_SITE = _OF_THE_CLIENT[:3]
_PAGE_STATUSES = frozenset({200, 203, 206})
_OF_THE_WAY = ("download_slot", "download_timeout", "proxy", "bindaddress")


def is_picture(request: Request) -> bool:
    """Tell whether *request* asks for an image, and not for a page."""
    return request.meta.get(IMAGE_KEY) is not None


def instead(response: Response, picture: bool) -> str:
    """Return the reason word of what came in place of a *picture* (or page), or nothing.

    Only what the first bytes show; whether the picture is whole, the pipelines say.
    """
    if not 200 <= response.status < 300:
        return http_reason(response.status)
    if not response.body:
        return Reason.EMPTY.value
    if not picture:
        return "" if response.status in _PAGE_STATUSES else http_reason(response.status)
    if "Content-Encoding" in response.headers:
        return Reason.HTML.value if b"html" in _type(response) else ""
    try:
        refused = refusal(sniff(response.body[:ENOUGH_BYTES]))
    except BadImage as bad:
        return bad.reason if is_refusal(bad.reason) else ""
    return refused.reason if refused is not None and is_refusal(refused.reason) else ""


def of_witness(response: Response, picture: bool) -> str | None:
    """Return the same of an answer to :func:`witness_request`; ``None`` if it tells nothing."""
    if response.status in _NO_MORE or 300 <= response.status < 400:
        return None
    return instead(response, picture)


def witness_request(request: Request, url: str) -> Request:
    """Return a Request for the first bytes of *url*, by the same client as *request*: what that
    tells to one site is not told to another."""
    same = urlsplit(url)[:2] == urlsplit(request.url)[:2]
    names = _OF_THE_CLIENT if same else _OF_ANY_SITE
    headers = Headers({name: request.headers[name] for name in names if name in request.headers})
    headers["Range"] = f"bytes=0-{ENOUGH_BYTES - 1}"
    headers["Accept-Encoding"] = "identity"
    meta = {name: request.meta[name] for name in _OF_THE_WAY if name in request.meta}
    return Request(url, headers=headers, meta=meta)


def _type(response: Response) -> bytes:
    return (response.headers.get("Content-Type") or b"").lower()
