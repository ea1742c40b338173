"""Which of the pages that a crawl finds does it visit?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator


class PageChoice:
    """Pages that *allow* finds and *deny* does not, *max_pages* of them at most.

    The limit counts the start pages, too, and those of earlier runs of the job: *known*.
    """

    def __init__(self, allow: str | None, deny: str | None, max_pages: int | None) -> None:
        """Raises :exc:`re.error` for a pattern that is none."""
        self._allow = re.compile(allow) if allow else None
        self._deny = re.compile(deny) if deny else None
        self._max = max_pages
        self._known: set[str] = set()

    def know(self, urls: Iterable[str]) -> None:
        """Count *urls* without choosing."""
        if self._max is not None:
            self._known.update(urls)

    def choose(self, urls: Iterable[str]) -> Iterator[str]:
        """Yield those of *urls* that are to be visited, and count them."""
        return (url for url in urls if self.takes(url))

    def takes(self, url: str) -> bool:
        """Tell whether *url* is to be visited, and count it if so."""
        if self._allow is not None and not self._allow.search(url):
            return False
        if self._deny is not None and self._deny.search(url):
            return False
        if self._max is None or url in self._known:
            return True
        if len(self._known) >= self._max:
            return False
        self._known.add(url)
        return True
