"""A small picture gallery to crawl, on a server which misbehaves."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from html import escape

from imagecrawl.demo.faultserver import FaultServer
from imagecrawl.demo.pictures import CONTENT_TYPES, sample_image

__all__ = [
    "ALL_RECOVERING",
    "CONTENT_TYPES",
    "DEAD_LINK",
    "RECOVERING",
    "START_PAGE",
    "add_gallery",
    "sample_image",
]

RECOVERING = (
    "reset_before",
    "status_503",
    "truncate_length",
    "html_200",
    "reset_body",
    "status_429",
    "truncate_nolength",
    "empty_200",
    "close_before",
    "stall_body",
)
"""Faults after which the next answer is healthy: a crawler that tries again loses nothing."""

ALL_RECOVERING = (
    *RECOVERING,
    "reset_headers",
    "reset_chunked",
    "reset_nolength",
    "close_headers",
    "truncate_lying",
    "chunk_cut",
    "stall_before",
    "html_honest_200",
    "bad_gzip",
    "garbage",
    "redirect_loop",
    "status_500",
)
"""All such faults that do not last for minutes, those of ``RECOVERING`` first."""

START_PAGE = "/gallery/1.html"
"""Where the gallery begins."""

DEAD_LINK = "/gallery/images/taken-down.jpg"
"""The image which is linked, and does not exist."""

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "JPEG")
"""What the gallery consists of, in turn."""

PLACEHOLDER = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
"""What a lazily loaded ``<img>`` has for its ``src``."""


def add_gallery(
    server: FaultServer, pages: int = 4, per_page: int = 6, faults: Sequence[str] = RECOVERING
) -> list[str]:
    """Serve a gallery from ``/gallery/1.html`` on; return the image URLs which must arrive.

    Every second image has one of ``faults`` to overcome, in turn. The last page links a dead
    image, which is not among the URLs; nor is the smaller variant of an image with a
    ``srcset``, which a crawler may want or not. The server must have been started.
    """
    troubles = itertools.cycle(faults or [""])
    urls = []
    for page in range(1, pages + 1):
        tags = []
        for place in range(per_page):
            number = (page - 1) * per_page + place
            fault = next(troubles) if number % 2 else ""
            path = _add_image(server, number, fault)
            urls.append(server.url(path))
            tags.append(_tag(server, number, path, place))
        if page == pages:
            tags.append(f'<img src="{DEAD_LINK}" alt="An image which was taken down">')
        html = _page(page, pages, tags).encode()
        server.add(f"/gallery/{page}.html", html, content_type="text/html; charset=utf-8")
    return urls


def _add_image(server: FaultServer, number: int, fault: str) -> str:
    fmt = FORMATS[number % len(FORMATS)]
    path = f"/gallery/images/{number:03}.{fmt.lower()}"
    server.add(
        path,
        sample_image(number, fmt),
        content_type=CONTENT_TYPES[fmt],
        faults=[fault] if fault else (),
    )
    return path


def _tag(server: FaultServer, number: int, path: str, place: int) -> str:
    """How the page shows an image: with a srcset, lazily, or plainly."""
    alt = escape(f"Composition No. {number}")
    if place == 1:
        small = f"/gallery/images/{number:03}-small.jpeg"
        server.add(small, sample_image(number, "JPEG", (160, 120)))
        return f'<img srcset="{small} 160w, {path} 320w" src="{path}" alt="{alt}">'
    if place == 2:
        return f'<img class="lazy" src="{PLACEHOLDER}" data-src="{path}" alt="{alt}">'
    if place == 3:
        return f'<img src="{server.url(path)}" alt="{alt}">'
    return f'<img src="{path.removeprefix("/gallery/")}" alt="{alt}">'


def _page(page: int, pages: int, tags: Sequence[str]) -> str:
    follow = f"{page + 1}.html" if page < pages else ""
    link = f'\n<link rel="next" href="{follow}">' if follow else ""
    anchor = f'\n<p><a rel="next" href="{follow}">Next page</a></p>' if follow else ""
    figures = "\n".join(f"<figure>{tag}</figure>" for tag in tags)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>Gallery, page {page} of {pages}</title>{link}\n</head>\n<body>\n"
        f"<h1>Gallery, page {page} of {pages}</h1>\n{figures}{anchor}\n</body>\n</html>\n"
    )
