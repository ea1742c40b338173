"""What the crawls of the tests find on their servers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from imagecrawl.demo.faultserver import FaultServer
from imagecrawl.demo.gallery import sample_image


def path_of(body: bytes, extension: str = "jpg") -> str:
    """Return the path below the store that *body* belongs to."""
    digest = hashlib.sha256(body).hexdigest()
    return f"full/{digest[:2]}/{digest}.{extension}"


def add_images(
    server: FaultServer, count: int, faults: Sequence[str] = (), first: int = 0
) -> dict[str, bytes]:
    """Put *count* small images on *server*; return their bodies by URL."""
    bodies = {}
    for n in range(first, first + count):
        body = sample_image(n, size=(32, 24))
        server.add(f"/{n}.jpg", body, faults=faults)
        bodies[server.url(f"/{n}.jpg")] = body
    return bodies


def add_pages(server: FaultServer, pages: int, per_page: int) -> dict[str, bytes]:
    """Put a gallery of linked pages on *server*; return its images' bodies by URL."""
    bodies = add_images(server, pages * per_page)
    urls = list(bodies)
    for page in range(pages):
        own = urls[page * per_page : (page + 1) * per_page]
        images = "".join(f'<img src="{url}" alt="picture">' for url in own)
        link = f'<a class="page" rel="next" href="/page/{page + 1}">next</a>'
        html = f"<html><title>page {page}</title>{images}{link * (page + 1 < pages)}</html>"
        server.add(f"/page/{page}", html.encode(), content_type="text/html")
    return bodies


def expected(bodies: Iterable[bytes]) -> dict[str, bytes]:
    """Return the files that *bodies* (JPEGs) make."""
    return {path_of(body): body for body in bodies}
