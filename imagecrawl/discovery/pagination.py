"""Which link leads to the next page of a list, where nothing declares it?"""

from __future__ import annotations

import re

from imagecrawl.discovery.document import Element

_CLASSES = re.compile(
    r"(?:^|\s)(?:next(?:[-_]?(?:page|posts))?|older(?:-posts)?"
    r"|(?:page|pager|pagination)(?:[-_]|__)next)(?:\s|$)"
)
_WORDS = frozenset(
    (
        *("next", "next page", "go to next page", "go to the next page", "next results"),
        *("older", "older posts", "older entries", "older articles", "older stories"),
        *("weiter", "nächste", "nächste seite", "zur nächsten seite", "ältere beiträge"),
        *("suivant", "suivante", "page suivante", "articles plus anciens"),
        *("siguiente", "página siguiente", "successivo", "successiva", "próxima", "volgende"),
        *("nästa", "næste", "neste", "następna", "další", "далее", "следующая"),
        *("次へ", "次のページ", "下一页", "下一頁", "다음"),
    )
)
_SYMBOLS = frozenset(("›", ">", "→", "❯", "▶"))
# The last page where a single arrow stands next to it, otherwise the next one.
_WEAK_SYMBOLS = frozenset(("»", ">>", "≫"))
_ARROWS = re.compile(r"[\s«»‹›<>←→≪≫❮❯◀▶…]+")
_CONTAINER = re.compile(r"pagina|pager|page-?nav|page-?numbers|nav-?links|seiten")
_DISABLED = re.compile(r"(?:^|\s)(?:is-)?(?:disabled|inactive)(?:\s|$)")
# How far around a link to look, how many elements and texts in it and how much of their text.
_LEVELS = 4
_LARGEST = 24
_LONGEST = 80

SURE, WEAK, NOT = 2, 1, 0


def next_link(a: Element) -> int:
    """Tell how surely *a* leads to the next page: ``SURE``, ``WEAK`` (a double arrow) or ``NOT``.

    A class says it, on the link or its list item; so do the words for it, in the text, the label
    or the title; an arrow does only inside a list of pages.
    """
    classes = _classes(a)
    if _DISABLED.search(classes) or a.get("aria-disabled") == "true":
        return NOT
    labels = [_text(a), a.get("aria-label") or "", a.get("title") or ""]
    if _CLASSES.search(classes) or not _WORDS.isdisjoint(map(_words, labels)):
        return SURE
    symbol = labels[0]
    if symbol in _SYMBOLS or symbol in _WEAK_SYMBOLS:
        return (SURE if symbol in _SYMBOLS else WEAK) if _in_page_list(a) else NOT
    return NOT


def _classes(a: Element) -> str:
    """Return the classes of *a* and of the list item it is in."""
    classes: str = a.get("class") or ""
    for element in a.ancestors(_LEVELS):
        if element.tag == "li":
            return f"{classes} {element.get('class') or ''}".lower()
    return classes.lower()


def _words(label: str) -> str:
    return _ARROWS.sub(" ", label[:_LONGEST]).strip().casefold()


def _text(a: Element) -> str:
    """Return the text of *a* and the names of the pictures in it, if there is not too much."""
    text = a.start_of_text(_LONGEST, _LARGEST)
    if text is None:
        return ""
    names = [img.get("alt") or "" for img in a.select("img")]
    return " ".join(" ".join([text, *names]).split())


def _in_page_list(a: Element) -> bool:
    for element in a.ancestors(_LEVELS):
        said = (element.get(name) or "" for name in ("class", "id", "role", "aria-label"))
        if _CONTAINER.search(" ".join(said).lower()):
            return True
    return False
