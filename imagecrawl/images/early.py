"""Do the first kilobytes of a body say that a download is not wanted?

Nothing is rejected here that `inspect_image` would accept of the whole body, but for what the
limits rule out; on any doubt there is no verdict. That holds because what `sniff` says of 18 bytes
or more stays true whatever follows, unless it is ``prolog``, ``empty`` or an error.

The bytes must be those of the file: undo a Content-Encoding first (RFC 9110, section 8.4), or do
not ask; gzip on the wire would be taken for an archive.
"""

from __future__ import annotations

from imagecrawl.images.dimensions import dimensions
from imagecrawl.images.facts import BadImage
from imagecrawl.images.inspect import format_of, refusal
from imagecrawl.images.limits import Limits, Verdict
from imagecrawl.images.sniff import sniff
from imagecrawl.outcomes import Reason

__all__ = ["EarlyLook", "dimensions", "look"]

LOOKS = (512, 4096, 16_384, 65_536)
"""At how many bytes of a body it is looked at; what comes behind the last is not kept."""
_SURE = 18
"""`sniff` takes less for what may be the beginning of a signature."""
_FINAL = frozenset({Reason.HTML.value, Reason.NOT_AN_IMAGE.value})


class EarlyLook:
    """Look at the beginning of one download, at a few sizes (`LOOKS`) of what has come."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._kept = bytearray()
        self._next = LOOKS[0]
        self._verdict: Verdict | None = None
        self._count = 0

    def begin(self, length: int | None) -> Verdict | None:
        """Take the length of the body in bytes, as its headers have it."""
        self._verdict = self._limits.of_bytes(length) if length is not None else None
        return self._verdict

    def feed(self, data: bytes) -> Verdict | None:
        """Take the next chunk of the body; return why the rest is not wanted, if that is sure.

        A verdict stays: further calls return it again. At most 64 KiB are kept, and nothing
        once it is known that there will be no (other) verdict.
        """
        self._count += len(data)
        self._verdict = self._verdict or self._limits.of_bytes(self._count, so_far=True)
        if not self._next or self._verdict is not None:
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
    unwanted = limits.of_format(format_of(kind))
    if unwanted is not None or kind == "SVG" or not limits.about_size:
        return unwanted, True
    size = dimensions(prefix)
    return (limits.of_size(*size) if size is not None else None), size is not None
