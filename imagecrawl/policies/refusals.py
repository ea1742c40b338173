"""Does a host that has given pictures give nothing more?

A ban is not always spoken as a reset, 429 or 503. It may be a 403, a page in place of every
picture, or an empty body; and each of these may as well be the truth about one URL. A run of them
is no proof either: a list may hold a whole album that is private. What tells is whether the host
still gives what it has given before, the *witness*; and if it does, whether one of the run is given
by now: the *trial*, for a ban may have been a short one. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from imagecrawl.outcomes import Reason
from imagecrawl.policies.failure_rate import FailureRate

ENOUGH = 5
"""So many different URLs refused in a row are worth the question ..."""
_NO_CHANCE = 1e-4
"""... if that is less likely than this, given how many of its URLs the host refuses anyway."""
_ENOUGH_AT_THE_END = 3
"""When nothing else is left, so many are; or a page, that more may be behind."""
_MOST_TAKEN_BACK = 3
"""What has been refused in so many runs is refused for itself."""
_MOST_REMEMBERED = 1000

_BODIES = frozenset({Reason.EMPTY.value, Reason.HTML.value, Reason.NOT_AN_IMAGE.value})
_ABOUT_THE_URL = frozenset({400, 404, 410, 414})
"""Statuses that say that there is nothing, or never was: they are about their URL alone."""

_CHALLENGE = 202
"""What some firewalls answer to who is to prove first that there is a browser."""


def is_refusal(reason: str) -> bool:
    """Tell whether *reason*, of an answer that did not give what was asked for, may be one that
    any other URL would be given, too."""
    if not reason.startswith("http_"):
        return reason in _BODIES
    status = int(reason.removeprefix("http_"))
    return status == _CHALLENGE or (status >= 400 and status not in _ABOUT_THE_URL)


class Refusals:
    """What one host has given, and what it has refused since: entries by their ids, requests by
    their numbers in the order of sending."""

    def __init__(self) -> None:
        self.witness: str | None = None
        """The URL of what it gave last; empty if there is none to be asked for again, and ``None``
        if it has given nothing."""
        self.picture = True
        """Whether that is a picture, and no page: of pages one may give a captcha with 200."""
        self._run: dict[int, int] = {}  # each entry with the number of its request
        self._has_page = False
        self._asked_at = 0  # how long the run was then
        self._rate = FailureRate()
        self._own: dict[int, None] = {}  # refused for themselves
        self._times: Counter[int] = Counter()
        self._trial: int | None = None
        self._ban_ended = 0  # with this request
        self._again: list[int] = []

    @property
    def run(self) -> list[int]:
        """The entries that were refused in this run."""
        return list(self._run)

    def resume(self, witness: str, picture: bool, run: Iterable[int]) -> None:
        """Take over what another process has known."""
        self.witness, self.picture = witness, picture
        self._run.update(dict.fromkeys(run, 0))

    def gave(self, number: int, entry_id: int, url: str, picture: bool) -> None:
        """Note that the host gave a *picture* (or a page) for its *number*-th request, which was
        for *url*: empty if it cannot be asked for again."""
        if entry_id == self._trial:
            self.ban_is_over(number)
        if self.witness is None or picture or not self.picture:
            self.witness, self.picture = url or self.witness or "", picture
            self._rate.succeeded()
            if self._trial is None:  # else that will tell
                self._are_the_urls_own(number)

    def refused(self, number: int, entry_id: int, picture: bool) -> bool:
        """Note that it refused an entry, its *number*-th request; return whether it is time to
        ask."""
        if entry_id == self._trial:
            self._trial = None
            self._are_the_urls_own(number)
        if entry_id in self._own:
            return False
        self._run[entry_id] = number
        self._has_page |= not picture
        if len(self._run) > _MOST_REMEMBERED:
            del self._run[next(iter(self._run))]
        return self._is_much()

    def _is_much(self) -> bool:
        length = len(self._run)
        if length < ENOUGH or length < 2 * self._asked_at:
            return False
        return self._rate.chance(length, limited=False) < _NO_CHANCE

    def is_of_a_ban(self, number: int) -> bool:
        """Tell whether request *number* belongs to a ban that is over."""
        return number <= self._ban_ended

    def is_open(self) -> bool:
        """Tell whether the question is worth it if nothing else is left to ask for."""
        return bool(self.witness is not None and self._run) and (
            self._has_page or len(self._run) >= _ENOUGH_AT_THE_END
        )

    def ask(self) -> None:
        """Note that the host is asked."""
        self._asked_at = len(self._run)

    def try_one(self) -> None:
        """Ask for one of the run again: the host gives, and may have given all the time."""
        if self._run:
            self._trial = next(reversed(self._run))
            self._again.append(self._trial)

    def ban_is_over(self, number: int) -> None:
        """Note that all up to request *number* has been refused for a ban: ask for it again."""
        self._ban_ended = number
        for entry_id in self._run:
            self._times[entry_id] += 1
            if self._times[entry_id] <= _MOST_TAKEN_BACK:
                self._again.append(entry_id)
            else:
                self._own[entry_id] = None
        self._end_run()

    def take_again(self) -> list[int]:
        """Return, once, the entries that are to be asked for again."""
        again, self._again = self._again, []
        return again

    def _are_the_urls_own(self, number: int) -> None:
        """Take what was asked for by then out of the run: an answer may overtake others."""
        own = [entry_id for entry_id, one in self._run.items() if one <= number]
        if own:
            self._rate.run_is_over(len(own))
        self._own.update(dict.fromkeys(own))
        for entry_id in own:
            del self._run[entry_id]
        while len(self._own) > _MOST_REMEMBERED:
            del self._own[next(iter(self._own))]
        if not self._run:
            self._end_run()

    def _end_run(self) -> None:
        self._run.clear()
        self._has_page, self._asked_at, self._trial = False, 0, None
