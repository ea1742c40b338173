"""What do the pictures of the demo look like? Drawn, so that none has to be shipped."""

from __future__ import annotations

import colorsys
import io
import math
import random
from collections.abc import Iterator

from PIL import Image, ImageDraw

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

Color = tuple[int, int, int]


def sample_image(n: int, fmt: str = "JPEG", size: tuple[int, int] = (320, 240)) -> bytes:
    """Return the bytes of an image: always the same for ``n``, and different for each ``n``.

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
