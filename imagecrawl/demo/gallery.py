"""A small picture gallery to crawl, on a server which misbehaves."""

from __future__ import annotations

import colorsys
import io
import itertools
import math
import random
from collections.abc import Iterator, Sequence
from html import escape

from PIL import Image, ImageDraw

from imagecrawl.demo.faultserver import FaultServer

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

DEAD_LINK = "/gallery/images/taken-down.jpg"
"""The image which is linked, and does not exist."""

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "JPEG")
"""What the gallery consists of, in turn."""

CONTENT_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "AVIF": "image/avif",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
    "ICO": "image/x-icon",
    "SVG": "image/svg+xml",
}

PLACEHOLDER = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
"""What a lazily loaded ``<img>`` has for its ``src``."""

Color = tuple[int, int, int]


# Images.


def sample_image(n: int, fmt: str = "JPEG", size: tuple[int, int] = (320, 240)) -> bytes:
    """The bytes of an image: always the same for ``n``, and different for each ``n``.

    ``fmt`` is one of ``CONTENT_TYPES``.
    """
    if fmt == "SVG":
        return _svg(n, size)
    image = _draw(n, size)
    file = io.BytesIO()
    if fmt == "ICO":
        side = min(*size, 256)
        image.save(file, fmt, sizes=[(side, side)])
    elif fmt == "AVIF":
        image.save(file, fmt, speed=10, max_threads=1)  # the usual speed takes 0.1 s and more
    else:
        image.save(file, fmt)
    return file.getvalue()


def _draw(n: int, size: tuple[int, int]) -> Image.Image:
    """A gradient between two hues, shapes, and ripples for detail."""
    rng = random.Random(n)
    ground = Image.linear_gradient("L").rotate(rng.choice((0, 90, 180, 270))).resize(size)
    image = Image.composite(
        Image.new("RGB", size, _color(rng)), Image.new("RGB", size, _color(rng)), ground
    )
    draw = ImageDraw.Draw(image)
    for box, color in _shapes(rng, size):
        draw.ellipse(box, fill=color)
        left, top, right, bottom = box
        draw.rectangle((left // 2, top // 2, right // 2, bottom // 2), outline=color, width=3)
    _ripples(draw, rng, size)
    draw.text((8, 8), f"No. {n}", fill=(255, 255, 255))
    return image


def _ripples(draw: ImageDraw.ImageDraw, rng: random.Random, size: tuple[int, int]) -> None:
    width, height = size
    for row in range(0, height, 12):
        swing, phase, color = rng.uniform(2, 8), rng.uniform(0, math.tau), _color(rng)
        draw.line(
            [(x, row + swing * math.sin(x / 9 + phase)) for x in range(0, width, 3)], fill=color
        )


def _shapes(
    rng: random.Random, size: tuple[int, int]
) -> Iterator[tuple[tuple[int, int, int, int], Color]]:
    width, height = size
    for _ in range(6):
        x, y = rng.randrange(width), rng.randrange(height)
        radius = rng.randint(min(size) // 12 + 1, min(size) // 4 + 2)
        yield (x - radius, y - radius, x + radius, y + radius), _color(rng)


def _color(rng: random.Random) -> Color:
    red, green, blue = colorsys.hsv_to_rgb(rng.random(), rng.uniform(0.4, 0.9), rng.uniform(0.5, 1))
    return int(red * 255), int(green * 255), int(blue * 255)


def _svg(n: int, size: tuple[int, int]) -> bytes:
    width, height = size
    circles = "\n".join(
        f'  <circle cx="{left}" cy="{top}" r="{(right - left) // 2}" fill="rgb{color}"/>'
        for (left, top, right, _), color in _shapes(random.Random(n), size)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">\n  <title>No. {n}</title>\n{circles}\n</svg>\n'
    ).encode()


# The gallery.


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
