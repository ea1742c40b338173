"""Which style sheets does a page link, and which images do they name?"""

from __future__ import annotations

from scrapy.http import TextResponse

from imagecrawl.discovery.addresses import Resolver
from imagecrawl.discovery.candidates import CandidateBook, ImageCandidate
from imagecrawl.discovery.css import css_images, css_imports
from imagecrawl.discovery.document import document
from imagecrawl.discovery.names import is_other_file


def style_sheets(response: TextResponse) -> list[str]:
    """Return the URLs of the sheets that a page links or imports, each once."""
    page = document(response)
    if page is None:
        return []
    found: dict[str, None] = {}
    for element in page.select("link[rel][href], style"):
        if element.tag == "style":
            references = list(css_imports(element.text()))
        else:
            # An alternative sheet is one, too: a reader may choose it.
            is_sheet = "stylesheet" in (element.get("rel") or "").lower().split()
            references = [element.get("href") or ""] if is_sheet else []
        found.update(dict.fromkeys(url for one in references if (url := page.resolve(one))))
    return list(found)


def images_of_css(css: str, url: str) -> list[ImageCandidate]:
    """Return the images that the style sheet *css* at *url* names; references are relative to it
    (https://drafts.csswg.org/css-values-4/#relative-urls)."""
    resolve = Resolver(url, "utf-8")
    book = CandidateBook()
    for image in css_images(css):
        urls = [one for text in image.references if (one := resolve(text))]
        if urls and not is_other_file(urls[0]):
            book.add(urls, "css")
    return book.candidates()


def sheets_of_css(css: str, url: str) -> list[str]:
    """Return the URLs of the sheets that the style sheet *css* at *url* imports, each once."""
    resolve = Resolver(url, "utf-8")
    found = (resolve(reference) for reference in css_imports(css))
    return list(dict.fromkeys(one for one in found if one))
