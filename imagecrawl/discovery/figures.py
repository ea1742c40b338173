"""Which elements make one logical picture, and which URLs does it have?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

from imagecrawl.discovery.addresses import Resolver
from imagecrawl.discovery.document import Element
from imagecrawl.discovery.names import picture_key
from imagecrawl.discovery.noscript import fallback_keys
from imagecrawl.discovery.offers import Offer, best_first, img_offers, source_offers


@dataclass(slots=True)
class Figure:
    """An ``img``, or a ``picture`` with its ``source`` elements and its ``img``."""

    source: str = ""
    offers: list[Offer] = field(default_factory=list)
    placeholders: list[Offer] = field(default_factory=list)
    """What is shown until the picture is loaded."""
    image: Element | None = None
    """The ``img``, which is what the picture is described by."""

    @property
    def urls(self) -> list[str]:
        """The URLs, each once, best first."""
        return list(dict.fromkeys(offer.url for offer in self.offers))

    @property
    def is_stand_in(self) -> bool:
        """Whether there is nothing here but a placeholder."""
        return all(offer.stand_in for offer in self.offers)

    def is_same_as(self, other: Figure) -> bool:
        """Tell whether *other* is this picture again, perhaps in another size."""
        mine, theirs = self.urls, other.urls
        if not set(mine).isdisjoint(theirs):
            return True
        return not {picture_key(url) for url in mine}.isdisjoint(map(picture_key, theirs))

    def join(self, other: Figure) -> None:
        """Take in what *other* offers, behind what this one does."""
        mine = [] if self.is_stand_in else self.offers
        self.placeholders += self.offers if self.is_stand_in else []
        self.offers = mine + other.offers
        if self.image is None or not (self.image.get("alt") or "").strip():
            self.image = other.image or self.image
        self.source = self.source if mine else other.source


def img_figure(img: Element, resolve: Resolver) -> Figure:
    """Return the figure of an ``img`` outside a ``picture``."""
    offers, placeholders = best_first(img_offers(img, resolve))
    return Figure(offers[0].source if offers else "img@src", offers, placeholders, img)


def picture_figures(picture: Element, resolve: Resolver) -> Iterator[Figure]:
    """Yield the figures of a ``picture``: one, unless its end tag is missing.

    A ``source`` is for the ``img`` behind it
    (https://html.spec.whatwg.org/multipage/embedded-content.html#the-picture-element). Some stand
    behind the ``img``; they are taken for its own, too, when no other ``img`` follows.
    """
    groups: list[list[Element]] = [[]]
    fallbacks = fallback_keys(picture)
    for element in picture.select("source, img"):
        if element.key in fallbacks:
            continue
        last = groups[-1]
        if last and last[-1].tag != "source":
            groups.append([element])
        else:
            last.append(element)
    if len(groups) > 1 and groups[-1][-1].tag == "source":
        groups[-2].extend(groups.pop())
    for group in groups:
        if len(group) == 1 and group[0].tag != "source":
            yield img_figure(group[0], resolve)
        elif group and (group[-1].tag != "source" or group[0].tag != "source" or _waits(group)):
            yield _grouped(group, resolve)


def _waits(sources: list[Element]) -> bool:
    """Tell whether *sources* without an ``img``, which show nothing, wait for a script."""
    return any(name.startswith("data-src") for one in sources for name in one.attributes)


def _grouped(group: list[Element], resolve: Resolver) -> Figure:
    images = [element for element in group if element.tag != "source"]
    sources = (source_offers(element, resolve) for element in group if element.tag == "source")
    offers = chain(*sources, *(img_offers(img, resolve) for img in images))
    return Figure("picture", *best_first(offers), images[0] if images else None)
