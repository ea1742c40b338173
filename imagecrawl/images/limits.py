"""Which images are wanted, as far as their format, their size and their bytes say?"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from imagecrawl.outcomes import Reason

# What users call the formats, beside the names themselves in lower case.
_ALIASES = {"JPG": "JPEG", "JPE": "JPEG", "TIF": "TIFF", "HEIF": "HEIC", "CUR": "ICO",
            "JP2": "JPEG2000", "J2K": "JPEG2000", "SVGZ": "SVG", "APNG": "PNG"}  # fmt: skip
FORMATS = (
    *("JPEG", "PNG", "GIF", "WEBP", "AVIF", "HEIC", "BMP", "TIFF", "ICO", "SVG", "JXL"),
    "JPEG2000",
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why an image is not wanted."""

    reason: str
    """One of the words of `Reason`: ``html``, ``not_an_image``, ``too_small`` ..."""
    detail: str
    """One short line, safe to log."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What an image must be to be wanted. 0, or nothing, is no limit.

    Sizes are in pixels as stored; an SVG that gives none passes. The aspect is the longer side
    divided by the shorter. The bytes are those of the file.
    """

    min_width: int = 0
    min_height: int = 0
    max_aspect: float = 0.0
    min_bytes: int = 0
    max_bytes: int = 0
    formats: frozenset[str] = frozenset()

    @property
    def about_size(self) -> bool:
        """Whether the size in pixels matters."""
        return bool(self.min_width or self.min_height or self.max_aspect)

    def of_format(self, name: str) -> Verdict | None:
        """Return what is wrong with an image of the format *name*."""
        if not self.formats or name in self.formats:
            return None
        return Verdict(Reason.FORMAT.value, f"{name}, not {', '.join(sorted(self.formats))}")

    def of_size(self, width: int | None, height: int | None) -> Verdict | None:
        """Return what is wrong with a size, ``None`` if nothing is or it is not known."""
        if width is None or height is None:
            return None
        if width < self.min_width or height < self.min_height:
            detail = f"{width}x{height}, smaller than {self.min_width}x{self.min_height}"
            return Verdict(Reason.TOO_SMALL.value, detail)
        aspect = max(width, height) / max(1, min(width, height))
        if self.max_aspect and aspect > self.max_aspect:
            detail = f"{width}x{height}, an aspect of {aspect:.3g}, over {self.max_aspect:g}"
            return Verdict(Reason.ASPECT.value, detail)
        return None

    def of_bytes(self, count: int, *, so_far: bool = False) -> Verdict | None:
        """Return what is wrong with *count* bytes, of which with *so_far* more may come."""
        if self.max_bytes and count > self.max_bytes:
            least = "at least " if so_far else ""
            return Verdict(Reason.TOO_LARGE.value, f"{least}{count} bytes, over {self.max_bytes}")
        if count < self.min_bytes and not so_far:
            return Verdict(Reason.TOO_FEW_BYTES.value, f"{count} bytes, under {self.min_bytes}")
        return None


def formats_of(words: Iterable[str]) -> frozenset[str]:
    """Return the names of the formats that *words* call for; ``jpg`` is ``JPEG``.

    Raises :exc:`ValueError` naming a word that is none.
    """
    found = set()
    for word in words:
        name = word.strip().upper().lstrip(".")
        name = _ALIASES.get(name, name)
        if name not in FORMATS:
            near = difflib.get_close_matches(name, FORMATS, 1)
            known = f"did you mean {near[0].lower()}?" if near else "there are " + _known()
            raise ValueError(f"{word!r} is no format: {known}")
        found.add(name)
    return frozenset(found)


def _known() -> str:
    return ", ".join(name.lower() for name in FORMATS)
