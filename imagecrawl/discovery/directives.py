"""What does a site say to crawlers, in a header or on a page?

``X-Robots-Tag`` and ``<meta name=robots>`` hold directives (``noindex``, ``noimageindex``,
``noai``, ``noimageai``, ``nofollow`` ...); one may be scoped to a crawler by its name
(https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag). They are seen and
handed on here; what is done about them is the settings' affair.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrapy.http import Response, TextResponse

from imagecrawl.discovery.document import document
from imagecrawl.discovery.names import words

_WITH_VALUE = words("unavailable_after max-snippet max-image-preview max-video-preview")
_SCOPE = re.compile(r"\s*([A-Za-z][A-Za-z0-9_.-]*)\s*:\s*(.*)", re.DOTALL)
_META_NAMES = re.compile(r"robots\Z|[a-z]+bot(?:-[a-z]+)?\Z")
_LONGEST = 1000


def header_directives(response: Response) -> list[str]:
    """Return the directives of the ``X-Robots-Tag`` fields of *response*, in lower case.

    One for a crawler of some name is ``name:directive``.
    """
    found: dict[str, None] = {}
    for field in response.headers.getlist("X-Robots-Tag"):
        found.update(dict.fromkeys(_directives(field.decode("latin-1")[:_LONGEST])))
    return list(found)


def page_directives(response: TextResponse) -> list[str]:
    """Return the directives for the page: those of its header, then those of its ``meta``."""
    found = dict.fromkeys(header_directives(response))
    page = document(response)
    for meta in page.select("meta[name][content]") if page is not None else ():
        name = (meta.get("name") or "").strip().lower()
        if _META_NAMES.match(name):
            scope = "" if name == "robots" else f"{name}:"
            said = _directives((meta.get("content") or "")[:_LONGEST])
            found.update(dict.fromkeys(scope + one for one in said))
    return list(found)


def _directives(text: str) -> Iterator[str]:
    scope = ""
    for part in text.split(","):
        match = _SCOPE.match(part)
        if match and match[1].lower() not in _WITH_VALUE:
            scope, part = f"{match[1].lower()}:", match[2]
        directive = " ".join(part.lower().split())
        if directive:
            yield scope + directive
