"""Do the first kilobytes already say that a download is not wanted?

Never a refusal that :func:`imagecrawl.images.inspect.inspect_image` of the whole would not give:
where the prefix leaves a doubt, the download goes on.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from PIL import Image

from imagecrawl.images.facts import BadImage, not_an_image
from imagecrawl.images.markup import as_utf8
from imagecrawl.images.sniff import IMAGE_SIGNATURES, sniff
from imagecrawl.outcomes import Reason

_LOOK_AT = (4 * 1024, 16 * 1024, 64 * 1024)
_MEASURED = ("JPEG", "PNG", "GIF", "WEBP")
"""What Pillow measures as the walkers do, from the beginning of a file."""
_IMAGES = frozenset(kind for _, kind in IMAGE_SIGNATURES) | {"WEBP", "AVIF", "HEIC", "BMP", "SVG"}
_OPEN = frozenset({"empty", "prolog"})
"""What may turn out to be anything, when more has come."""
_TEXT = frozenset({"text", "json", "unknown"})


@dataclass(frozen=True, slots=True)
class Limits:
    """The least size in pixels that is wanted; 0 for any."""

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
    detail: str


class EarlyLook:
    """Looks at one body as it comes, a few times and never beyond its first 64 KiB."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._prefix = b""
        self._looks = list(_LOOK_AT)

    def feed(self, data: bytes) -> Verdict | None:
        """Take what has come; return why it should not go on, if that is known now."""
        if not self._looks:
            return None
        self._prefix += data[: _LOOK_AT[-1] - len(self._prefix)]
        if len(self._prefix) < self._looks[0]:
            return None
        while self._looks and len(self._prefix) >= self._looks[0]:
            del self._looks[0]
        verdict = look(self._prefix, self._limits)
        if verdict is not None or not self._looks or not self._undecided():
            self._looks, self._prefix = [], b""
        return verdict

    def _undecided(self) -> bool:
        wants_size = self._limits.min_width > 1 or self._limits.min_height > 1
        return wants_size or _kind(self._prefix) in _OPEN


def look(prefix: bytes, limits: Limits) -> Verdict | None:
    """Return why a body that begins with *prefix* (4 KiB or more) is not wanted."""
    kind = _kind(prefix)
    if kind in _IMAGES:
        size = dimensions(prefix) if kind in _MEASURED else None
        problem = limits.problem(*size) if size is not None else None
        return Verdict(Reason.TOO_SMALL.value, problem) if problem else None
    if kind == "html":
        return Verdict(Reason.HTML.value, "an HTML page")
    if kind in _OPEN or (kind in _TEXT and _is_markup(prefix)) or kind.startswith("xml"):
        return None
    refused = not_an_image(kind)
    return Verdict(refused.reason, refused.detail)


def dimensions(prefix: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels, if the *prefix* of an image tells."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(prefix), formats=_MEASURED) as image:
                return image.size
    except Exception:  # Pillow raises nearly everything
        return None


def _is_markup(prefix: bytes) -> bool:
    return as_utf8(prefix).lstrip(b"\x00 \t\r\n\x0b\x0c").startswith(b"<")


def _kind(prefix: bytes) -> str:
    try:
        return sniff(prefix)
    except BadImage:
        return "prolog"
