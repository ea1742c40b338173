"""What is a picture on a page, and which of its URLs are known?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from imagecrawl.discovery.offers import Offer


@dataclass(frozen=True, slots=True)
class ImageCandidate:
    """One logical picture of a page."""

    url: str
    """Absolute, without a fragment, percent-encoded: http or https, or a ``data:`` URL."""
    source: str
    """Where it was found: ``img@src``, ``picture``, ``a@href``, ``og:image``, ``css`` ..."""
    alt: str | None = None
    alternatives: tuple[str, ...] = ()
    """Other URLs of the same picture, in other sizes or formats, best first; the
    ``placeholders`` come last."""
    placeholders: tuple[str, ...] = ()
    """Those of the alternatives that the page shows until a script has loaded the picture."""
    title: str | None = None
    caption: str | None = None
    """Of the ``figcaption``, or else the ``aria-label``."""
    width: int | None = None
    """In pixels, as a ``srcset`` declares it of ``url``."""
    density: float | None = None
    """In device pixels per CSS pixel, as a ``srcset`` declares it of ``url``."""
    position: int = 0
    """Its place among the candidates of the page, from 1."""

    @property
    def sizes(self) -> list[str]:
        """The URLs worth asking for, best first."""
        return [self.url, *(url for url in self.alternatives if url not in self.placeholders)]


@dataclass(frozen=True, slots=True)
class About:
    """What a page says of a picture."""

    alt: str | None = None
    title: str | None = None
    caption: str | None = None

    def or_else(self, other: About) -> About:
        """Return this, completed by *other*."""
        return About(
            self.alt or other.alt, self.title or other.title, self.caption or other.caption
        )


NOTHING = About()


@dataclass(slots=True)
class _Record:
    source: str
    about: About = NOTHING
    width: int | None = None
    density: float | None = None
    # A dict is an ordered set.
    alternatives: dict[str, None] = field(default_factory=dict)
    placeholders: dict[str, None] = field(default_factory=dict)
    declared: set[str] = field(default_factory=set)
    """Those of the alternatives that are this picture for sure: a ``srcset`` says so."""


class CandidateBook:
    """The candidates of one page, in page order, each URL once.

    A URL found again adds to what is known of it: a description, other sizes.
    """

    def __init__(self) -> None:
        self._records: dict[str, _Record] = {}
        self._alternatives: set[str] = set()

    def add(self, urls: Sequence[str], source: str, about: About = NOTHING) -> None:
        """Enter the picture of *urls*, best first; nothing when there are none."""
        if urls:
            self._enter(urls, source, about)

    def add_offers(self, offers: Sequence[Offer], source: str, about: About = NOTHING) -> None:
        """Enter the picture of *offers*, best first; nothing when there are none."""
        if offers:
            record = self._enter([offer.url for offer in offers], source, about)
            record.declared |= {one.url for one in offers if one.is_declared}
            record.width = record.width or offers[0].width
            record.density = record.density or offers[0].density

    def _enter(self, urls: Sequence[str], source: str, about: About) -> _Record:
        record = self._records.setdefault(urls[0], _Record(source))
        record.about = record.about.or_else(about)
        self._extend(urls[0], record, urls[1:])
        return record

    def extend(
        self,
        url: str,
        alternatives: Sequence[str] = (),
        about: About = NOTHING,
        placeholders: Sequence[Offer] = (),
    ) -> None:
        """Add to the picture at *url*, which is in the book."""
        record = self._records[url]
        record.placeholders.update(
            (one.url, None)
            for one in placeholders
            if one.url.startswith("http") and one.url not in (url, *record.alternatives)
        )
        record.about = record.about.or_else(about)
        self._extend(url, record, alternatives)

    def _extend(self, url: str, record: _Record, alternatives: Sequence[str]) -> None:
        others = [other for other in alternatives if other != url]
        record.alternatives.update(dict.fromkeys(others))
        self._alternatives.update(others)

    def offers(self, url: str) -> bool:
        """Tell whether *url* is an alternative of a picture that is in the book."""
        return url in self._alternatives

    def candidates(self) -> list[ImageCandidate]:
        """Return what the book holds; a picture that is another size of another is part of it."""
        self._join_sizes()
        return [
            ImageCandidate(
                url=url,
                source=record.source,
                alt=record.about.alt,
                alternatives=tuple({**record.alternatives, **record.placeholders}),
                placeholders=tuple(record.placeholders),
                title=record.about.title,
                caption=record.about.caption,
                width=record.width,
                density=record.density,
                position=position,
            )
            for position, (url, record) in enumerate(self._records.items(), 1)
        ]

    def _join_sizes(self) -> None:
        owners: dict[str, str] = {}
        for url, record in self._records.items():
            for other in record.declared - {url}:
                owners.setdefault(other, url)
        joined: dict[str, str] = {}
        for url in self._records:
            if url in owners:
                owner = _root(owners[url], joined)
                if owner != url:
                    joined[url] = owner
        for url in joined:
            part = self._records.pop(url)
            self.extend(_root(url, joined), tuple(part.alternatives), part.about)


def _root(url: str, joined: dict[str, str]) -> str:
    """Return the picture that *url* is part of in the end, and remember it."""
    path = []
    while url in joined:
        path.append(url)
        url = joined[url]
    joined.update(dict.fromkeys(path, url))
    return url
