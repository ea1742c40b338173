"""What is a picture on a page, and which of its URLs are known?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ImageCandidate:
    """One logical picture of a page."""

    url: str
    """Absolute, http or https, without a fragment, percent-encoded."""
    source: str
    """Where it was found: ``img@src``, ``picture``, ``a@href``, ``og:image`` ..."""
    alt: str | None = None
    alternatives: tuple[str, ...] = ()
    """Other URLs of the same picture, best first."""


@dataclass(slots=True)
class _Record:
    source: str
    alt: str | None
    # A dict is an ordered set.
    alternatives: dict[str, None] = field(default_factory=dict)


class CandidateBook:
    """The candidates of one page, in page order, each URL once.

    A URL found again adds to what is known of it: a description, other sizes.
    """

    def __init__(self) -> None:
        self._records: dict[str, _Record] = {}
        self._alternatives: set[str] = set()

    def add(self, urls: Sequence[str], source: str, alt: str | None = None) -> None:
        """Enter the picture of *urls*, best first; nothing when there are none."""
        if not urls:
            return
        record = self._records.setdefault(urls[0], _Record(source, alt))
        record.alt = record.alt or alt
        self._extend(urls[0], record, urls[1:])

    def extend(self, url: str, alternatives: Sequence[str] = (), alt: str | None = None) -> None:
        """Add to the picture at *url*, which is in the book."""
        record = self._records[url]
        record.alt = record.alt or alt
        self._extend(url, record, alternatives)

    def _extend(self, url: str, record: _Record, alternatives: Sequence[str]) -> None:
        others = [other for other in alternatives if other != url]
        record.alternatives.update(dict.fromkeys(others))
        self._alternatives.update(others)

    def offers(self, url: str) -> bool:
        """Tell whether *url* is an alternative of a picture that is in the book."""
        return url in self._alternatives

    def candidates(self) -> list[ImageCandidate]:
        """Return what the book holds."""
        return [
            ImageCandidate(url, record.source, record.alt, tuple(record.alternatives))
            for url, record in self._records.items()
        ]
