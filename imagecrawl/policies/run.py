"""What is known of a run of failures: a row of them, with no success in between? Pure."""

from __future__ import annotations

from imagecrawl.policies.health import DOWN


class FailureRun:
    """The run of failures that one host is in. Requests are known by their numbers, in the order
    of sending."""

    def __init__(self) -> None:
        self.failures = 0
        self.rounds = 0
        """Failures of requests sent after one was noticed: a burst is one of them."""
        self.began = 0.0
        """The time of its first failure."""
        self.last = 0
        """The latest request that failed."""
        self.barrier = 0
        """The last request sent before the latest round of failures was noticed."""
        self.pushed_back = False
        """Whether the server has refused, and not merely been away."""
        self.said_so = False
        """Whether it has, with a status or a Retry-After."""

    def begin(self, sent: int, now: float) -> None:
        """Begin a run that is none of failures: the host has refused the last of all *sent*."""
        self.began, self.barrier, self.pushed_back = now, sent, True

    def note(self, number: int, sent: int, reason: str, now: float) -> None:
        """Note that request *number* of all that were *sent* failed."""
        if not self.failures:
            self.began = now
        self.failures += 1
        self.last = max(self.last, number)
        self.pushed_back |= reason not in DOWN
        self.said_so |= reason.startswith("http_")
        if number > self.barrier:
            self.rounds += 1
            self.barrier = sent

    def end(self, sent: int) -> None:
        """Forget the run: whatever of all that were *sent* fails yet belongs to it."""
        self.failures = self.rounds = 0
        self.pushed_back = self.said_so = False
        self.barrier = sent
