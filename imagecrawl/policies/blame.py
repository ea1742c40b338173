"""Is it the host that fails, or one of its URLs?

A URL that fails, while its host answers others, and fails again, says nothing more of the host:
otherwise the last dead URLs of a list would look like a host that is down. Pure.
"""

from __future__ import annotations

from collections import OrderedDict

_MOST_URLS = 1000
_ENOUGH = 4
"""A URL that has failed so often says nothing any more in any case."""
_APART = 1
"""So many pairs of failures of one URL with an answer to another between them are enough ..."""
_APART_IN_TROUBLE = 2
"""... and when the host is known to be in trouble: it may have been well in between."""


class Blame:
    """The URLs of one host that have failed lately."""

    def __init__(self) -> None:
        self._failed: OrderedDict[object, tuple[int, int]] = OrderedDict()

    def is_the_urls(self, url: object, attempts: int, answers: int, in_trouble: bool) -> bool:
        """Note a failure of *url*; return whether the URL is to blame for it, not the host.

        *attempts* is how often it has failed before, in other runs, too; *answers* is how many
        answers the host has given so far; *in_trouble* tells that its breaker is not closed.
        A *url* of ``None`` is never to blame.
        """
        if url is None:
            return False
        apart = self._apart(url, answers)
        self._failed.pop(url, None)
        self._failed[url] = answers, apart
        if len(self._failed) > _MOST_URLS:
            self._failed.popitem(last=False)
        return attempts >= _ENOUGH or apart >= (_APART_IN_TROUBLE if in_trouble else _APART)

    def is_suspect(self, url: object, answers: int, in_trouble: bool) -> bool:
        """Tell whether a failure of *url* would be its own: see :meth:`is_the_urls`."""
        return self._apart(url, answers) >= (_APART_IN_TROUBLE if in_trouble else _APART)

    def _apart(self, url: object, answers: int) -> int:
        last, apart = self._failed.get(url, (answers, 0))
        return apart + (answers > last)
