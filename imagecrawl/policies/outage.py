"""Is it the hosts, or is the network itself down?

When several unrelated hosts, all of which have answered before, fail by connection within a
short time, and nobody answers, it is not theirs to suffer for. Pure.
"""

from __future__ import annotations

from collections import OrderedDict
from enum import Enum

_MOST_HOSTS = 10_000


class Change(Enum):
    """What a report has changed."""

    NOTHING = "nothing"
    BEGUN = "begun"
    ENDED = "ended"


class OutageDetector:
    """Tells an outage of the network from the troubles of hosts.

    Only hosts that have answered before are witnesses: a list full of dead domains is no
    outage. ``site`` is what makes hosts related (the registrable domain): a site with three
    image hosts that goes down is one.
    """

    def __init__(self, min_sites: int, window_secs: float) -> None:
        self._min_sites = min_sites
        self._window_secs = window_secs
        self._alive: OrderedDict[str, None] = OrderedDict()
        self._failing: dict[str, float] = {}
        self._believed = True
        self.active = False
        self.since = 0.0
        """When the first of the failures came that made it an outage."""

    def answered(self, site: str) -> Change:
        """Note that *site* has answered: whatever it said, the network is there."""
        self._alive[site] = None
        self._alive.move_to_end(site)
        if len(self._alive) > _MOST_HOSTS:
            self._alive.popitem(last=False)
        self._failing.clear()
        self._believed = True
        if not self.active:
            return Change.NOTHING
        self.active = False
        return Change.ENDED

    def failed(self, site: str, now: float) -> Change:
        """Note that *site* could not be reached."""
        if self.active or not self._believed or site not in self._alive:
            return Change.NOTHING
        self._failing.setdefault(site, now)
        for old in [one for one, at in self._failing.items() if at < now - self._window_secs]:
            del self._failing[old]
        if len(self._failing) < self._min_sites:
            return Change.NOTHING
        self.active = True
        self.since = min(self._failing.values())
        return Change.BEGUN

    def give_up(self) -> None:
        """End an outage that has lasted too long; there is no other until somebody answers."""
        self.active = self._believed = False
        self._failing.clear()
