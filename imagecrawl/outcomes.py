"""Which words say how an entry ended, and why it failed?

Two small vocabularies, used by the ledger, the log, the stats and the feeds alike:

* an **outcome** says how an entry of the frontier ended (one each, in the end);
* a **reason** says why an attempt, or in the end the entry, failed. HTTP statuses have
  reasons of their own, ``http_404``.
"""

from __future__ import annotations

import difflib
import re
from enum import Enum

# ``(str, Enum)`` and not ``StrEnum``: Python 3.10 is supported.


class Kind(str, Enum):
    """What an entry of the frontier asks for."""

    IMAGE = "image"
    PAGE = "page"


class Outcome(str, Enum):
    """How an entry ended."""

    STORED = "stored"
    """An image whose bytes are on disk, the first with this content."""
    DUPLICATE = "duplicate"
    """An image whose content was stored already, under another URL of the job or for another item
    that named the same one."""
    CRAWLED = "crawled"
    """A page whose callback ran to its end and all of whose output is durable."""
    FILTERED = "filtered"
    """Not wanted: offsite, too big, dropped by a pipeline of the user's."""
    OPTED_OUT = "opted_out"
    """The site said no (robots.txt)."""
    FAILED = "failed"
    """Not to be had; the reason says why."""

    @property
    def has_file(self) -> bool:
        """Whether its image is on disk."""
        return self in (Outcome.STORED, Outcome.DUPLICATE)

    @property
    def is_missing(self) -> bool:
        """Whether it is an end without an image, or without a page."""
        return not self.has_file and self is not Outcome.CRAWLED


class Reason(str, Enum):
    """Why an attempt failed."""

    # the connection
    RESET = "reset"
    REFUSED = "refused"
    LOST = "lost"
    TIMEOUT = "timeout"
    TRUNCATED = "truncated"
    DNS = "dns"
    TLS = "tls"
    PROXY = "proxy"
    PROTOCOL = "protocol"
    CONNECTION = "connection"
    ENCODING = "encoding"
    SLOW = "slow"
    HEADERS = "headers"
    REDIRECTS = "redirects"
    REDIRECT_LOOP = "redirect_loop"
    DECOMPRESSION_BOMB = "decompression_bomb"
    HOST_DOWN = "host_down"
    # the body
    EMPTY = "empty"
    HTML = "html"
    CORRUPT = "corrupt"
    NOT_AN_IMAGE = "not_an_image"
    # what was asked for
    INVALID_URL = "invalid_url"
    UNSUPPORTED_SCHEME = "unsupported_scheme"
    # somebody said no (`replaced`: the next size of the picture is asked for in its place)
    ROBOTS_TXT = "robots_txt"
    OFFSITE = "offsite"
    TOO_LARGE = "too_large"
    TOO_SMALL = "too_small"
    TOO_FEW_BYTES = "too_few_bytes"
    ASPECT = "aspect"
    FORMAT = "format"
    URL = "url"
    REPLACED = "replaced"
    DROPPED = "dropped"
    # our side
    SPIDER_ERROR = "spider_error"
    PIPELINE_ERROR = "pipeline_error"
    SWALLOWED = "swallowed"
    LOCAL = "local"
    SHUTDOWN = "shutdown"
    HOST_PAUSED = "host_paused"
    UNKNOWN = "unknown"


UNWANTED = frozenset(
    reason.value
    for reason in (
        *(Reason.TOO_LARGE, Reason.TOO_SMALL, Reason.TOO_FEW_BYTES, Reason.ASPECT, Reason.FORMAT),
        *(Reason.URL, Reason.REPLACED),
    )
)
"""The reasons of images that are there, and not wanted."""

_HTTP_REASON = re.compile(r"http_[1-9]\d\d\Z")


def http_reason(status: int) -> str:
    """Return the reason word of an HTTP status: ``404`` gives ``"http_404"``."""
    return f"http_{status}"


def chosen_reasons(text: str) -> frozenset[str] | None:
    """Return the reasons that *text* names, separated by commas; ``None`` for ``all``.

    Raises :exc:`ValueError` naming a word that is none.
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    if words == ["all"]:
        return None
    if not words:
        raise ValueError("give all, or reasons: reset,timeout,http_429,host_down ...")
    for word in words:
        if not is_reason(word):
            near = difflib.get_close_matches(word, [one.value for one in Reason], 1)
            hint = f"did you mean {near[0]}?" if near else "docs/outcomes.md lists them"
            raise ValueError(f"{word!r} is no reason: {hint}")
    return frozenset(words)


def is_reason(word: str) -> bool:
    """Tell whether *word* is in the vocabulary of reasons."""
    return word in set(Reason) or bool(_HTTP_REASON.match(word))
