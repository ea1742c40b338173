"""What does a page say of a picture: its alt text, its title, its caption?"""

from __future__ import annotations

from imagecrawl.discovery.candidates import About
from imagecrawl.discovery.document import Element

_LONGEST = 2000
_NODES = 200


class Describer:
    """Describes the elements of one page. The caption of a figure is read once."""

    def __init__(self) -> None:
        # With the figure: while it lives, no other has its key.
        self._captions: dict[int, tuple[Element, str | None]] = {}

    def __call__(self, element: Element) -> About:
        """Return what is said of *element*, with white space collapsed.

        The caption is the ``figcaption`` of the nearest ``figure`` around it, or else its
        ``aria-label``.
        """
        caption = self._caption(element) or _text(element, "aria-label")
        return About(_text(element, "alt"), _text(element, "title"), caption)

    def _caption(self, element: Element) -> str | None:
        for around in element.ancestors():
            if around.tag == "figure":
                if around.key not in self._captions:
                    self._captions[around.key] = around, _figcaption(around)
                return self._captions[around.key][1]
        return None


def _figcaption(figure: Element) -> str | None:
    found = next(figure.select("figcaption"), None)
    return (found.start_of_text(_LONGEST, _NODES) or None) if found is not None else None


def _text(element: Element, name: str) -> str | None:
    return " ".join((element.get(name) or "").split())[:_LONGEST] or None
