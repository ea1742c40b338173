"""Which browsers are there, how often is each one picked, and what does it send?

Pure: the text of the pool and the randomness come from outside.
"""

from __future__ import annotations

import json
import math
import random
import re
from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Literal

Kind = Literal["image", "document"]
Headers = Mapping[str, Mapping[str, str]]  # by kind, then by header name

KINDS: tuple[Kind, ...] = ("image", "document")
HEADER_NAMES = ("Accept", "Accept-Language")

# What is sent beside a User-Agent the pool does not know. Every browser of today accepts as much.
GENERIC_HEADERS: Headers = {
    "image": {
        "Accept": "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5",
        "Accept-Language": "en-US,en;q=0.5",
    },
    "document": {
        "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "Accept-Language": "en-US,en;q=0.5",
    },
}

# How a User-Agent must end, MAJOR being the version. Browsers froze everything else.
_ENDINGS = {
    "chrome": r"Chrome/MAJOR\.0\.0\.0 Safari/537\.36",
    "edge": r"Chrome/MAJOR\.0\.0\.0 Safari/537\.36 Edg/MAJOR\.0\.0\.0",
    "firefox": r"rv:MAJOR\.0\) Gecko/20100101 Firefox/MAJOR\.0",
    "safari": r"Version/MAJOR\.\d+ Safari/605\.1\.15",
}
_PLATFORMS = {
    "Windows": "(Windows NT 10.0; Win64; x64",
    "macOS": "(Macintosh; Intel Mac OS X 10",
    "Linux": "(X11; Linux x86_64",
}


@dataclass(frozen=True, slots=True)
class Browser:
    """One browser of the pool."""

    user_agent: str
    weight: float
    family: str
    major: int
    platform: str
    headers: Headers = field(repr=False, compare=False)


class BrowserPool:
    """Browsers picked at random, each as often as its weight says."""

    def __init__(self, browsers: Sequence[Browser], rng: random.Random) -> None:
        if not browsers:
            raise ValueError("browser pool: no browser in it")
        self._browsers = tuple(browsers)
        self._cumulative = list(accumulate(browser.weight for browser in self._browsers))
        self._by_user_agent = {browser.user_agent: browser for browser in self._browsers}
        self._random = rng.random

    def pick(self) -> Browser:
        point = self._random() * self._cumulative[-1]
        return self._browsers[bisect(self._cumulative, point, 0, len(self._browsers) - 1)]

    def by_user_agent(self, user_agent: str) -> Browser | None:
        return self._by_user_agent.get(user_agent)


def accept_headers(browser: Browser | None, kind: Kind) -> dict[str, str]:
    """Accept and Accept-Language as `browser` sends them; generic ones when it is unknown."""
    return dict((browser.headers if browser else GENERIC_HEADERS)[kind])


def parse_pool(text: str) -> list[Browser]:
    """The browsers of a pool in JSON. Raises ValueError naming what is wrong, and where."""
    try:
        data = json.loads(text)
    except ValueError as exc:
        raise ValueError(f"browser pool: not JSON: {exc}") from exc
    families = data.get("families") if isinstance(data, dict) else None
    entries = data.get("browsers") if isinstance(data, dict) else None
    if not isinstance(families, dict) or not isinstance(entries, list) or not entries:
        raise ValueError("browser pool: needs an object 'families' and a filled list 'browsers'")
    for family, headers in families.items():
        _check_headers(family, headers)
    pool: dict[str, Browser] = {}
    for number, entry in enumerate(entries):
        problem = _problem(entry, families)
        if problem is None and entry["user_agent"] in pool:
            problem = "user_agent is there twice"
        if problem is not None:
            raise ValueError(f"browser pool: browsers[{number}]: {problem}: {entry!r}")
        pool[entry["user_agent"]] = Browser(headers=families[entry["family"]], **entry)
    return list(pool.values())


def _check_headers(family: str, headers: Any) -> None:
    for kind in KINDS:
        template = headers.get(kind) if isinstance(headers, dict) else None
        if not isinstance(template, dict) or set(template) != set(HEADER_NAMES):
            wanted = " and ".join(HEADER_NAMES)
            raise ValueError(f"browser pool: families.{family}.{kind}: needs {wanted}")
        for name, value in template.items():
            if not _is_header_text(value):
                raise ValueError(f"browser pool: families.{family}.{kind}.{name}: {value!r}")


def _problem(entry: Any, families: Mapping[str, Any]) -> str | None:
    """What is wrong with an entry, None when it is fine."""
    fields = {"user_agent", "weight", "family", "major", "platform"}
    if not isinstance(entry, dict) or set(entry) != fields:
        return f"needs exactly {', '.join(sorted(fields))}"
    user_agent, weight, family = entry["user_agent"], entry["weight"], entry["family"]
    if not _is_header_text(user_agent):
        return "user_agent must be a line of ASCII"
    if type(weight) not in (int, float) or not 0 < weight < math.inf:
        return "weight must be a number above 0"
    if not isinstance(family, str) or family not in families or family not in _ENDINGS:
        return f"family must be one of {', '.join(_ENDINGS)}, and in 'families'"
    if type(entry["major"]) is not int:
        return "major must be a whole number"
    if entry["platform"] not in tuple(_PLATFORMS):
        return f"platform must be one of {', '.join(_PLATFORMS)}"
    ending = _ENDINGS[family].replace("MAJOR", str(entry["major"]))
    if _PLATFORMS[entry["platform"]] not in user_agent or not re.search(ending + r"\Z", user_agent):
        return "user_agent does not fit family, major and platform"
    return None


def _is_header_text(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isprintable() and value != ""
