"""In which encoding is a page?"""

from __future__ import annotations

from scrapy.http import TextResponse
from w3lib.encoding import (
    html_body_declared_encoding,
    http_content_type_encoding,
    read_bom,
)


def page_text(response: TextResponse) -> tuple[str, str]:
    """Return the text of *response*, and the name of its encoding.

    Where the page declares none, Scrapy guesses by its letters; browsers take it for
    windows-1252 (https://html.spec.whatwg.org/multipage/parsing.html#determining-the-character-encoding),
    and UTF-8 cannot be mistaken.
    """
    body = response.body
    content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
    if read_bom(body)[0] or http_content_type_encoding(content_type):
        return response.text, response.encoding
    declared = html_body_declared_encoding(body)
    if declared and not declared.lower().startswith("utf-16"):
        return response.text, response.encoding
    # A page that says in ASCII that it is in UTF-16 is not: the standard reads UTF-8.
    try:
        return body.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return body.decode("utf-8" if declared else "cp1252", "replace"), "cp1252"
