"""Does a host that has given pictures give nothing more?

A ban is not always spoken as a reset, 429 or 503. It may be a 403, a page in place of every
picture, or an empty body; and each of these may as well be the truth about one URL. A run of them
is no proof either: a list may hold a whole album that is private. What tells is whether the host
still gives what it has given before, the *witness*. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable

from imagecrawl.outcomes import Reason

_ENOUGH = 5
"""So many different URLs refused in a row are worth the question ..."""
_MOST_ENOUGH = 1000
"""... twice as many with each time that it was the URLs, and never more than this."""
_MOST_REMEMBERED = 1000

_BODIES = frozenset({Reason.EMPTY.value, Reason.HTML.value, Reason.NOT_AN_IMAGE.value})
_ABOUT_THE_URL = frozenset({400, 404, 410, 414})
"""Statuses that say that there is nothing, or never was: they are about their URL alone."""


def is_refusal(reason: str) -> bool:
    """Tell whether *reason*, of an answer that did not give what was asked for, may be one that
    any other URL would be given, too."""
    if not reason.startswith("http_"):
        return reason in _BODIES
    status = int(reason.removeprefix("http_"))
    return status >= 400 and status not in _ABOUT_THE_URL


class Refusals:
    """What one host has given, and what it has refused since."""

    def __init__(self) -> None:
        self.witness: str | None = None
        """The URL of what it gave last; empty if that came by way of another URL."""
        self.picture = True
        """Whether that is a picture, and no page: of pages one may give a captcha with 200."""
        self._run: dict[int, int] = {}  # each entry with the number of its request
        self._own: dict[int, int] = {}  # refused while others were given
        self._enough = _ENOUGH

    @property
    def run(self) -> list[int]:
        """The entries that were refused in this run."""
        return list(self._run)

    def resume(self, witness: str, picture: bool, run: Iterable[int]) -> None:
        """Take over what another process has known."""
        self.witness, self.picture = witness, picture
        self._run.update(dict.fromkeys(run, 0))

    def gave(self, number: int, url: str, picture: bool) -> None:
        """Note that the host gave a *picture* (or a page) for its *number*-th request, which was
        for *url*: empty if that was at another host's."""
        if self.witness is not None and self.picture and not picture:
            return
        self.witness, self.picture = url or self.witness or "", picture
        self._are_the_urls_own(number)

    def refused(self, number: int, entry_id: int) -> bool:
        """Note that it refused an entry, its *number*-th request; return whether it is time to
        ask."""
        if self.witness is None or entry_id in self._own:
            return False
        self._run[entry_id] = number
        if len(self._run) > _MOST_REMEMBERED:
            del self._run[next(iter(self._run))]
        return len(self._run) >= self._enough

    def cleared(self) -> None:
        """Note that it still gives what it gave: the URLs are refused, not we."""
        self._enough = min(2 * self._enough, _MOST_ENOUGH)
        self._are_the_urls_own(max(self._run.values(), default=0))

    def take(self) -> list[int]:
        """Return the same, and forget them: it was a ban."""
        run = self.run
        self._run.clear()
        return run

    def _are_the_urls_own(self, number: int) -> None:
        """Take what was asked for by then out of the run: an answer may overtake others."""
        own = {entry_id: one for entry_id, one in self._run.items() if one <= number}
        self._own.update(own)
        for entry_id in own:
            del self._run[entry_id]
        while len(self._own) > _MOST_REMEMBERED:
            del self._own[next(iter(self._own))]
