"""Pages to measure discovery on: one like many on the web, and some that nobody would write."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

_LAZY = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
_WORDS = (
    *("the", "a", "of", "mountain", "river", "light", "morning", "path"),
    *("stone", "green", "valley", "we", "went", "slowly", "up"),
)


def _srcset(name: str) -> str:
    sizes = (300, 768, 1024, 1536, 2048)
    return ", ".join(f"/uploads/2024/05/{name}-{w}x{w * 2 // 3}.jpg {w}w" for w in sizes)


def _figure(number: int) -> str:
    """Return a picture as themes and plugins write it, in one of five ways."""
    name = f"photo-{number:06}"
    source = f'src="/uploads/2024/05/{name}-1024x682.jpg" srcset="{_srcset(name)}"'
    ways = (
        f'<figure class="wp-block-image"><img decoding="async" width="1024" height="682" {source}'
        f' sizes="(max-width: 1024px) 100vw, 1024px" alt="Photo {number}"></figure>',
        f'<img class="lazyload" src="{_LAZY}" data-src="/uploads/{name}.jpg"'
        f' data-srcset="{_srcset(name)}" alt=""><noscript><img {source} alt=""></noscript>',
        f'<picture><source type="image/webp" srcset="/uploads/{name}.webp 1x"><img {source}'
        ' alt="x"></picture>',
        f'<a href="/uploads/{name}.jpg"><img src="/uploads/{name}-150x150.jpg" alt="x"></a>',
        f'<div class="cover" style="background-image:url(&quot;/uploads/{name}.jpg&quot;)"></div>',
    )
    return ways[number % len(ways)]


def article(size: int, images: int | None = None) -> str:
    """Return an article of *size* bytes, with an image for each 2 kB or *images* of them."""
    chance = random.Random(1)
    images = size // 2000 if images is None else images
    data = {"@type": "Article", "image": ["/uploads/a.jpg"], "name": "x" * 400}
    head = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Article</title>'
        '<meta property="og:image" content="/uploads/share.jpg">'
        + "<style>"
        + "".join(f".c{n}{{margin:0 {n}px;background:url(/bg/{n}.png)}}" for n in range(40))
        + f'</style><script type="application/ld+json">{json.dumps(data)}</script></head><body>'
    )
    parts = [head]
    per_image = max(1, (size - len(head)) // max(1, images))
    for number in range(images):
        part = _figure(number)
        while len(part) < per_image:
            words = " ".join(chance.choices(_WORDS, k=40))
            part += f'<p class="c{number % 60}">{words} <a href="/{number}/">{words[:20]}</a></p>\n'
        parts.append(part[:-1] if part.endswith("\n") else part)
    return "".join(parts) + "</body></html>"


def _style(text: str) -> str:
    return f"<style>{text}</style><p style='{text[:1000]}'><img src=/a.jpg>"


def _jsonld(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script><img src=/a.jpg>'


def _times(unit: str, size: int) -> str:
    return unit * (size // len(unit))


# What each makes of a size in bytes.
HOSTILE: dict[str, Callable[[int], str]] = {
    "images, 40 bytes each": lambda n: _times('<img src="/photos/2024/05/image_1.jpg">\n', n),
    "images, all different": lambda n: "".join(
        f"<img src=/i/{k:09}.jpg>\n" for k in range(n // 26)
    ),
    "nested div": lambda n: _times("<div>", n) + "<img src=/a.jpg>",
    "nested div with images": lambda n: _times("<div><img src=/a.jpg>", n),
    "nested formatting": lambda n: _times("<b><i><p>", n) + "<img src=/a.jpg>",
    "nested tables": lambda n: _times("<table><tr><td>", n) + "<img src=/a.jpg>",
    "pictures never closed": lambda n: _times("<picture><source srcset=/a.webp><img src=/a>", n),
    "noscript never closed": lambda n: _times("<noscript><img src=/a.jpg>", n),
    "svg never closed": lambda n: _times("<svg><image href=/a.png>", n),
    "srcdoc in srcdoc": lambda n: '<iframe srcdoc="' + _times("&amp;lt;iframe srcdoc=x>", n) + '">',
    "one long srcset": lambda n: "<img srcset='" + _times("/a.jpg 1x, ", n) + "'>",
    "srcset of parentheses": lambda n: "<img srcset='/a " + _times("(", n) + "'>",
    "one long URL": lambda n: "<img src='/" + _times("../a", n) + "'>",
    "attributes": lambda n: "<img " + "".join(f"a{k}=b " for k in range(n // 10)) + "src=/a.jpg>",
    "comments": lambda n: _times("<!--", n) + "<img src=/a.jpg>",
    "character references": lambda n: "<img src='/" + _times("&amp;&#x41;&bogus;", n) + "'>",
    "JSON-LD, nested lists": lambda n: _jsonld(_times("[", n // 2) + _times("]", n // 2)),
    "JSON-LD, nested objects": lambda n: _jsonld(_times('{"image":', n) + "1" + "}" * (n // 9)),
    "JSON-LD, never closed": lambda n: _jsonld(_times('[{"image":"/a.jpg"', n)),
    "JSON-LD, many scripts": lambda n: _times(_jsonld('{"image":"/a.jpg"}'), n),
    "CSS, url( never closed": lambda n: _style("a{b:" + _times("url(", n)),
    "CSS, url( of quotes": lambda n: _style("a{b:" + _times('url("', n)),
    "CSS, many rules": lambda n: _style(_times("a{background:url(/a.png)}\n", n)),
    "CSS, nested rules": lambda n: _style(_times("@media x{a{", n)),
    "CSS, nested image-set": lambda n: _style("a{background:" + _times("image-set(", n)),
    "CSS, comments never closed": lambda n: _style(_times("/*/", n)),
    "CSS, backslashes": lambda n: _style("a{background:url(" + _times("\\", n) + ")}"),
    "CSS, strings never closed": lambda n: _style("a{content:" + _times("'\n", n)),
    "CSS, variables": lambda n: _style(
        "".join(f"a{{--v{k}:var(--v{k + 1})}}" for k in range(n // 25))
    ),
    "CSS, many style attributes": lambda n: _times('<p style="background:url(/a.png)">x</p>', n),
    "base elements": lambda n: _times("<base href=/a/>", n) + "<img src=a.jpg>",
}
