"""How many requests may a host have in flight?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class _Window:
    in_flight: int = 0
    failures: int = 0


class HostWindows:
    """Counts the requests in flight per host, and never lets a host have more than *limit*.

    A host that fails without a success in between gets less: after every *limit* failures
    half as many, down to one, so that a dead host does not fill the crawl's slots. Its first
    success gives everything back. Hosts with nothing in flight and nothing learned are
    forgotten, so memory follows the hosts in work.
    """

    def __init__(self, limit: int) -> None:
        if limit < 1:
            raise ValueError("a host must be allowed at least one request")
        self.limit = limit
        self._windows: dict[str, _Window] = {}

    def room(self, host: str) -> int:
        """Return how many more requests *host* may have now."""
        window = self._windows.get(host)
        if window is None:
            return self.limit
        allowed = max(1, self.limit >> (window.failures // self.limit))
        return max(0, allowed - window.in_flight)

    def started(self, host: str) -> None:
        """Count a request to *host* as in flight."""
        self._windows.setdefault(host, _Window()).in_flight += 1

    def finished(self, host: str, ok: bool | None) -> None:
        """End one; *ok* is whether the host answered, ``None`` when that is not known."""
        window = self._windows[host]
        window.in_flight -= 1
        if ok is not None:
            window.failures = 0 if ok else window.failures + 1
        if window.in_flight == 0 and window.failures == 0:
            del self._windows[host]
