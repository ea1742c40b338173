"""Which images does an attribute hold that scripts read as JSON, or as a template?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from imagecrawl.discovery.names import is_image_file

_MOST = 200


def images_in_json(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the references in *text*, and whether one is a ``srcset``.

    An object whose keys are images and whose values are sizes, ``{"a.jpg": [320, 240]}``, is one
    picture; any other text that is plainly an image's URL is a picture of its own.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return
    if isinstance(data, dict) and (srcset := _sizes(data)):
        yield srcset, True
        return
    count, queue = 0, [data]
    while queue and count < _MOST:
        one = queue.pop()
        if isinstance(one, str) and is_image_file(one) and "/" in one and " " not in one.strip():
            count += 1
            yield one.strip(), False
        elif isinstance(one, dict):
            queue.extend(reversed(list(one.values())))
        elif isinstance(one, list):
            queue.extend(reversed(one))


def _sizes(data: dict[str, Any]) -> str | None:
    """Return the ``srcset`` that an object of sizes by URL is, ``None`` if it is none."""
    pairs = []
    for url, size in list(data.items())[:_MOST]:
        if not is_image_file(url) or not isinstance(size, list) or not size:
            return None
        if not isinstance(size[0], int):
            return None
        pairs.append(f"{url.strip().replace(' ', '%20')} {size[0]}w")
    return ", ".join(pairs) or None


def widths_filled(url: str, attributes: Mapping[str, str | None]) -> str | None:
    """Return the ``srcset`` that a template with ``{width}`` makes of the ``data-widths``, as
    lazysizes' *rias* does; ``None`` if it is no such template, or there are none."""
    if "{width}" not in url:
        return None
    try:
        widths = [int(width) for width in json.loads(attributes.get("data-widths") or "[]")]
    except (ValueError, TypeError, RecursionError):
        return None
    url = url.replace(" ", "%20")
    made = (f"{url.replace('{width}', str(width))} {width}w" for width in widths[:_MOST])
    return ", ".join(made) or None
