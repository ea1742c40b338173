"""What is known of a body once it has been looked at, and how is a bad one refused?"""

from __future__ import annotations

from dataclasses import dataclass

from imagecrawl.outcomes import Reason


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What a complete image is."""

    format: str
    """``JPEG``, ``PNG``, ``GIF``, ``WEBP``, ``AVIF``, ``BMP``, ``TIFF``, ``ICO``, ``SVG``,
    ``HEIC``, ``JXL`` or ``JPEG2000``. A cursor is an ``ICO`` with the extension ``cur``."""
    extension: str
    """Without a dot, lower case."""
    width: int | None
    """In pixels, as stored: before any rotation that Exif or ``irot`` asks for."""
    height: int | None
    decoded: bool
    """Whether a decoder has seen pixels of the (first) picture and had no complaint."""


class BadImage(Exception):
    """The body is not a complete image.

    ``reason`` is one of the words of `Reason`: ``empty``, ``html``, ``truncated``,
    ``corrupt``, ``not_an_image``. ``detail`` is one short line, safe to log.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = str(Reason(reason).value)
        self.detail = one_line(detail)

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Walked:
    """What a walk through the structure of a file found out."""

    width: int | None
    height: int | None
    decoder: str | None = None
    """Which decoder can look at the pixels; none can where this is None."""
    pixels: bytes = b""
    """What to hand to that decoder: the file less what says nothing about its pixels."""
    sample: bytes | None = None
    """Less to hand to it, where the structure leaves no doubt about the rest; empty where it
    leaves none at all."""


def truncated(detail: str) -> BadImage:
    """Return the error for a body that ends early."""
    return BadImage(Reason.TRUNCATED.value, detail)


def corrupt(detail: str) -> BadImage:
    """Return the error for a body that is broken in another way."""
    return BadImage(Reason.CORRUPT.value, detail)


def not_an_image(detail: str) -> BadImage:
    """Return the error for a body that is something else."""
    return BadImage(Reason.NOT_AN_IMAGE.value, detail)


def one_line(text: str, limit: int = 160) -> str:
    """Return *text* as one short line of printable characters."""
    shown = "".join(c if c.isprintable() else " " for c in text[: limit * 2])
    return " ".join(shown.split())[:limit]
