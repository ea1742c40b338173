"""How much of what a browser loads is found, and how much of what is found is a picture?

``tests/pages/loaded.json`` has what Chromium loads of each page, ``declared.json`` what a page
says without a browser's loading it: pictures that wait for a script (``lazy``), those that the
page's data and its ``link`` elements name (``metadata``), whole files behind links (``links``),
and what style rules name that do not hold in a wide window (``styles``). The second is kept by
hand. So are the ``stand_ins``, placeholders that a browser loads and nobody wants: they count
neither way. ``refused`` are what Chromium will not ask for, and a crawler may. Whatever else a page
spells like an address of a picture is none, and has ``never`` in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from itertools import chain
from urllib.parse import unquote

from scrapy.http import HtmlResponse

from imagecrawl.discovery.candidates import ImageCandidate
from tests.browser.chromium import Loaded
from tests.browser.pageset import PAGES, Page
from tests.browser.record import read_loaded

_STAND_INS = "stand_ins"
Extract = Callable[[HtmlResponse], Iterable[ImageCandidate]]


@cache
def declared_pages() -> dict[str, dict[str, list[str]]]:
    """Return what each page declares, by name and kind."""
    text = (PAGES / "declared.json").read_text(encoding="utf-8")
    declared: dict[str, dict[str, list[str]]] = json.loads(text)
    return declared


@dataclass
class Score:
    """What was compared, and what was not as it should be."""

    browser: dict[str, Loaded] = field(default_factory=read_loaded, repr=False)
    """What a browser loads of each page."""
    loaded: int = 0
    misses: list[tuple[Page, str]] = field(default_factory=list, repr=False)
    """What the browser loaded, and no candidate has."""
    candidates: int = 0
    wrong: list[tuple[Page, ImageCandidate]] = field(default_factory=list, repr=False)
    """Candidates that are no picture of their page."""
    declared: dict[str, list[int]] = field(default_factory=dict)
    """By kind, how many were found and how many there are."""

    @property
    def recall(self) -> float:
        return 1 - len(self.misses) / self.loaded

    @property
    def precision(self) -> float:
        return 1 - len(self.wrong) / self.candidates

    def add(self, page: Page, found: Iterable[ImageCandidate]) -> None:
        """Compare what was *found* on *page*."""
        loaded = self.browser.get(page.name, Loaded())
        declared = declared_pages().get(page.name, {})
        known = {*loaded.images, *loaded.sheets, *loaded.parts, *chain(*declared.values())}
        urls: set[str] = set()
        for candidate in found:
            group = {candidate.url, *candidate.alternatives}
            urls |= group
            self.candidates += 1
            if group.isdisjoint(known):
                self.wrong.append((page, candidate))
        wanted = [url for url in loaded.images if url not in declared.get(_STAND_INS, ())]
        self.loaded += len(wanted)
        self.misses += [(page, url) for url in wanted if url not in urls]
        for kind in declared.keys() - {_STAND_INS}:
            count = self.declared.setdefault(kind, [0, 0])
            count[0] += len(urls.intersection(declared[kind]))
            count[1] += len(declared[kind])

    def report(self) -> str:
        """Say what is missed and what is wrong, with the markup it stands in."""
        lines = [f"recall {self.recall:.2%}: {len(self.misses)} of {self.loaded} missed"]
        lines += [f"  {page.name}: {url}\n      {markup(page, url)}" for page, url in self.misses]
        lines.append(
            f"precision {self.precision:.2%}: {len(self.wrong)} of {self.candidates} wrong"
        )
        lines += [
            f"  {page.name}: {candidate.url} ({candidate.source})\n"
            f"      {markup(page, candidate.url)}"
            for page, candidate in self.wrong
        ]
        kinds = (
            f"{kind} {found} of {there}" for kind, (found, there) in sorted(self.declared.items())
        )
        lines.append(f"declared, and found: {', '.join(kinds)}")
        return "\n".join(lines)


def score(extract: Extract, pages: Iterable[Page]) -> Score:
    """Return how *extract* does on *pages*."""
    result = Score()
    for page in pages:
        result.add(page, extract(page.response()))
    return result


def markup(page: Page, url: str) -> str:
    """Return the tag or the rule of *page* in which *url* is named, as far as it is to be seen."""
    text = unescape(page.response().text)
    path = url.split("/", 3)[3]
    short = path.partition("?")[0]
    name = short.rpartition("/")[2]
    for spelling in (path, unquote(path), short, unquote(short), name, unquote(name), name[:-4]):
        at = text.find(spelling) if spelling else -1
        if at >= 0:
            start = max(text.rfind("<", 0, at), text.rfind("\n", 0, at), at - 120)
            return " ".join(text[start : at + len(spelling) + 40].split())
    return "(spelt otherwise)"
