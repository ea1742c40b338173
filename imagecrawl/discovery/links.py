"""Where does a page lead?"""

from __future__ import annotations

from collections.abc import Iterator

from scrapy.http import TextResponse

from imagecrawl.discovery.addresses import Resolver
from imagecrawl.discovery.document import Document, document
from imagecrawl.discovery.headers import links_of
from imagecrawl.discovery.names import is_image_file, is_other_file
from imagecrawl.discovery.pagination import NOT, SURE, WEAK, next_link
from imagecrawl.discovery.sites import same_site, site_of

__all__ = ["next_pages", "same_site", "site_links"]


def next_pages(response: TextResponse) -> list[str]:
    """Return the next pages of the list that *response* is a page of, usually one at most.

    First those that are declared: by ``Link`` header fields (RFC 8288), by ``rel=next``
    (https://html.spec.whatwg.org/multipage/links.html#sequential-link-types); then those that
    look like it.
    """
    found = list(_header_next(response))
    page = document(response)
    if page is not None:
        found += _declared_next(page)
        found += _apparent_next(page)
    here = response.url.partition("#")[0]
    return [url for url in dict.fromkeys(found) if url != here]


def site_links(response: TextResponse) -> list[str]:
    """Return the pages of the same site that *response* links to, in page order, each once."""
    page = document(response)
    site = site_of(response.url)
    if page is None or site is None:
        return []
    found: dict[str, None] = {}
    for element in page.select("a[href]:not([download]), area[href]:not([download])"):
        url = page.resolve(element.get("href"))
        if url and url not in found and not is_image_file(url) and not is_other_file(url):
            found[url] = None
    return [url for url in found if site_of(url) == site]


def _header_next(response: TextResponse) -> Iterator[str]:
    # Relative to the URL of the message, not to the document's base (RFC 8288, section 3.1).
    resolve = Resolver(response.url, "utf-8")
    for field in response.headers.getlist("Link"):
        for target, relations in links_of(field.decode("utf-8", "replace")):
            url = resolve(target)
            if url and "next" in relations:
                yield url


def _declared_next(page: Document) -> Iterator[str]:
    for element in page.select("link[rel], a[rel], area[rel]"):
        if "next" in (element.get("rel") or "").lower().split():
            url = page.resolve(element.get("href"))
            if url:
                yield url


def _apparent_next(page: Document) -> list[str]:
    found: dict[int, list[str]] = {SURE: [], WEAK: []}
    for element in page.select("a[href]"):
        url = page.resolve(element.get("href"))
        certainty = next_link(element) if url else NOT
        if url and certainty and not is_image_file(url):
            found[certainty].append(url)
    return found[SURE] or found[WEAK]
