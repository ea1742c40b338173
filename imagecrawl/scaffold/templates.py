"""Which kinds of spiders can be begun with a template?"""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

HTML, JSON = "HTML", "JSON"


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of spider."""

    name: str
    about: str
    fills: str
    """The attribute that is to be filled in."""
    finds: str = "images"
    """What a saved page then has: a field of :class:`imagecrawl.found.Found`."""
    suffix: str = ".html"
    """Of the saved page."""
    reads: str = HTML
    """What kind of page it is."""


TEMPLATES = {
    one.name: one
    for one in (
        Template("gallery", "pages with pictures, one after the other", "pictures"),
        Template("list", "a list whose entries have a page each", "entries", finds="pages"),
        Template("sitemap", "the pages that a sitemap names", "pictures"),
        Template("api", "pictures that a JSON API names", "pictures", suffix=".json", reads=JSON),
    )
}


def template_text(name: str) -> str:
    """Return the text of the template *name*; that of the tests is ``test``."""
    # Not by __file__: Scrapyd runs a project out of a zip.
    folder = resources.files("imagecrawl.scaffold") / "templates"
    return (folder / f"{name}.tmpl").read_text(encoding="utf-8")


def render(name: str, values: Mapping[str, str]) -> str:
    """Return the text of the template *name* with its ``$names`` replaced by *values*."""
    return string.Template(template_text(name)).substitute(values)
