"""Do the first kilobytes of a body say that a download is not wanted?

Nothing is rejected here that `inspect_image` would accept of the whole body, but for what is
too small; on any doubt there is no verdict. That holds because what `sniff` says of 18 bytes
or more stays true whatever follows, unless it is ``prolog``, ``empty`` or an error.

The bytes must be those of the file: undo a Content-Encoding first (RFC 9110, section 8.4), or do
not ask; gzip on the wire would be taken for an archive.
"""

from __future__ import annotations

from dataclasses import dataclass

from imagecrawl.images.dimensions import dimensions
from imagecrawl.images.facts import BadImage
from imagecrawl.images.inspect import refusal
from imagecrawl.images.sniff import sniff
from imagecrawl.outcomes import Reason

__all__ = ["EarlyLook", "Limits", "Verdict", "dimensions", "look"]

LOOKS = (512, 4096, 16_384, 65_536)
"""At how many bytes of a body it is looked at; what comes behind the last is not kept."""
_SURE = 18
"""`sniff` takes less for what may be the beginning of a signature."""
_FINAL = frozenset({Reason.HTML.value, Reason.NOT_AN_IMAGE.value})


@dataclass(frozen=True, slots=True)
class Limits:
    """The least size an image must have, in pixels as stored; 0 is no limit.

    These are Scrapy's settings ``IMAGES_MIN_WIDTH`` and ``IMAGES_MIN_HEIGHT``.
    """

    min_width: int = 0
    min_height: int = 0

    def problem(self, width: int | None, height: int | None) -> str | None:
        """Return what is wrong with a size, ``None`` if nothing is or it is not known."""
        if width is None or height is None:
            return None
        if width >= self.min_width and height >= self.min_height:
            return None
        return f"{width}x{height}, smaller than {self.min_width}x{self.min_height}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a download is not wanted."""

    reason: str
    """One of the words of `Reason`: ``html``, ``not_an_image``, ``too_small``."""
    detail: str
    """One short line, safe to log."""


class EarlyLook:
    """Look at the beginning of one download, at a few sizes (`LOOKS`) of what has come."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._kept = bytearray()
        self._next = LOOKS[0]
        self._verdict: Verdict | None = None

    def feed(self, data: bytes) -> Verdict | None:
        """Take the next chunk of the body; return why the rest is not wanted, if that is sure.

        A verdict stays: further calls return it again. At most 64 KiB are kept, and nothing
        once it is known that there will be no (other) verdict.
        """
        if not self._next:
            return self._verdict
        self._kept += data[: LOOKS[-1] - len(self._kept)]
        if len(self._kept) >= self._next:
            self._verdict, settled = _judge(bytes(self._kept), self._limits)
            later = (size for size in LOOKS if size > len(self._kept))
            self._next = 0 if settled else next(later, 0)
            if not self._next:
                self._kept.clear()
        return self._verdict


def look(prefix: bytes, limits: Limits) -> Verdict | None:
    """Return why the file that begins with *prefix* is not wanted, if that is sure."""
    return _judge(prefix, limits)[0]


def _judge(prefix: bytes, limits: Limits) -> tuple[Verdict | None, bool]:
    """Return the verdict, and whether it would be the same with more bytes."""
    if len(prefix) < _SURE:
        return None, False
    try:
        kind = sniff(prefix)
    except BadImage:
        return None, False
    refused = refusal(kind)
    if refused is not None:
        final = refused.reason in _FINAL
        return (Verdict(refused.reason, refused.detail) if final else None), final
    if kind == "SVG" or limits.problem(1, 1) is None:
        return None, True
    size = dimensions(prefix)
    problem = limits.problem(*size) if size is not None else None
    verdict = Verdict(Reason.TOO_SMALL.value, problem) if problem is not None else None
    return verdict, size is not None
