"""Which of several nodes asks a site?

Nodes that know nothing of each other share a crawl by this rule alone: each is given the same
list and another number, and takes the sites that are its own. So a site is asked by one node,
which is what all politeness here counts by.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

_SHARD = re.compile(r"([1-9]\d{0,3})/([1-9]\d{0,3})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Shard:
    """Shard *number* of *count*, from 1: ``1/3``, ``2/3`` and ``3/3`` share a list."""

    number: int
    count: int

    def takes(self, site: str) -> bool:
        """Tell whether *site* belongs to this shard; to one of them it does.

        SHA-1 is the same on every machine and in every year, which ``hash()`` is not.
        """
        digest = hashlib.sha1(site.encode("utf-8", "surrogatepass"), usedforsecurity=False)
        return int.from_bytes(digest.digest()[:8], "big") % self.count == self.number - 1

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


def parse_shard(text: str) -> Shard:
    """Return the shard that *text* (``1/3``) names; raise :exc:`ValueError` if it names none."""
    match = _SHARD.fullmatch(text.strip())
    if match is None or int(match[1]) > int(match[2]):
        raise ValueError("a shard is its number and how many there are: 1/3, 2/3 or 3/3")
    return Shard(int(match[1]), int(match[2]))
