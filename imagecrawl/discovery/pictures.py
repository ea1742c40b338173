"""Which pictures do the ``img``, ``picture`` and ``noscript`` elements of a page make?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

from imagecrawl.discovery.addresses import Resolver
from imagecrawl.discovery.candidates import NOTHING, CandidateBook
from imagecrawl.discovery.describe import Describer
from imagecrawl.discovery.document import Element
from imagecrawl.discovery.figures import Figure, img_figure, picture_figures
from imagecrawl.discovery.noscript import PARTS, fallback_keys, pictures_in, unparsed_html


class PictureReader:
    """Reads them in page order.

    A ``noscript`` next to a lazily loaded picture repeats it, for readers without scripts; the
    two are one picture, whichever comes first.
    """

    def __init__(
        self, resolve: Resolver, book: CandidateBook, describe: Describer, *, nested: bool = False
    ) -> None:
        """Enter what is read in *book*; *nested* says that all of it is of a ``noscript``."""
        self._resolve = resolve
        self._book = book
        self._describe = describe
        self._nested = nested
        self._done: set[int] = set()
        self._fallbacks: set[int] = set()

    def read(self, element: Element) -> None:
        """Read an ``img`` or a ``picture``, unless it was read with another element."""
        if element.key in self._done:
            return
        if element.tag != "picture":
            self._enter(element, img_figure(element, self._resolve))
            return
        self._done.update(part.key for part in element.select(PARTS))
        if element.key not in self._fallbacks:
            self._done -= fallback_keys(element)
        figures = list(picture_figures(element, self._resolve))
        # Several figures are a sign of a missing end tag, which leaves the rest of the page inside.
        inside = list(islice(element.select("noscript"), 2)) if len(figures) == 1 else []
        for figure in figures:
            self._enter(element, figure, inside)

    def read_noscript(self, noscript: Element, read_inner: Callable[[Element], None]) -> None:
        """Read a ``noscript``; what it holds as text is given to *read_inner*, parsed."""
        if noscript.key in self._done:
            return
        follower = noscript.next
        if follower is not None and self._repeats(noscript, follower):
            self.read(follower)
            self._done.add(follower.key)
            return
        if noscript.key not in self._fallbacks:
            self._fallbacks |= fallback_keys(noscript)
        inner_root = None if self._nested else unparsed_html(noscript)
        if inner_root is not None:
            read_inner(inner_root)

    def _repeats(self, noscript: Element, follower: Element) -> bool:
        if follower.tag not in ("img", "picture") or follower.key in self._done:
            return False
        inner = noscript_figure(noscript, self._resolve)
        if inner is None:
            return False
        if follower.tag == "img":
            return _belongs(inner, img_figure(follower, self._resolve))
        figures = picture_figures(follower, self._resolve)
        return any(_belongs(inner, figure) for figure in islice(figures, 1))

    def _enter(self, anchor: Element, figure: Figure, inside: Sequence[Element] = ()) -> None:
        """Enter *figure*, with what a ``noscript`` next to its element or *inside* offers."""
        if self._nested or anchor.key in self._fallbacks:
            urls = figure.urls
            if not (urls and self._book.offers(urls[0])):
                self._add(figure, "noscript")
            return
        for neighbour in (*inside, anchor.previous, anchor.next):
            if neighbour is None or neighbour.tag != "noscript" or neighbour.key in self._done:
                continue
            inner = noscript_figure(neighbour, self._resolve)
            if inner and _belongs(inner, figure):
                self._done |= fallback_keys(neighbour)
                figure.join(inner)
                break
        self._add(figure, figure.source)

    def _add(self, figure: Figure, source: str) -> None:
        about = self._describe(figure.image) if figure.image is not None else NOTHING
        self._book.add_offers(figure.offers, source, about)
        if figure.offers:
            self._book.extend(figure.offers[0].url, placeholders=figure.placeholders)


def _belongs(inner: Figure, figure: Figure) -> bool:
    """Tell whether *inner*, of a ``noscript``, is what *figure* shows where scripts run."""
    return figure.is_stand_in or figure.is_same_as(inner)


def noscript_figure(noscript: Element, resolve: Resolver) -> Figure | None:
    """Return the figure in a ``noscript``, ``None`` unless there is exactly one."""
    parts = list(islice(pictures_in(noscript), 3))
    pictures = [part for part in parts if part.tag == "picture"]
    if sum(part.tag == "img" for part in parts) > 1:
        return None
    if pictures:
        figures = list(picture_figures(pictures[0], resolve))
    else:
        figures = [img_figure(img, resolve) for img in parts]
    if len(figures) != 1 or figures[0].is_stand_in:
        return None
    figures[0].source = "noscript"
    return figures[0]
