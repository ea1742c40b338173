"""Which URL does an attribute's text mean on this page?

The rules are the URL standard's (https://url.spec.whatwg.org/#concept-basic-url-parser), which
differ from RFC 3986's, and so from ``urljoin``'s, in many ways that pages rely on: backslashes,
white space, letter case, any number of slashes. Ada implements it.
"""

from __future__ import annotations

import codecs
import re
from copy import copy
from functools import lru_cache
from ipaddress import IPv6Address
from urllib.parse import quote

from ada_url import join_url

_HTTP = ("http://", "https://")
# What a template engine was to fill in, and did not: ``{{ url }}``, ``${url}``, ``{width}``.
_TEMPLATE = re.compile(r"\{\{|\$\{|<%|\{(?:width|height|size)\}")
_BLANKS = str.maketrans("", "", "\t\n\r")
_DATA = re.compile(r"[\s\x00-\x20]*data:image/", re.IGNORECASE)
_SPACERS = ("data:image/gif;base64,R0lGODlhAQAB", "data:image/gif;base64,R0lGODdhAQAB")
_DRAWN = re.compile(r"(?:<|%3c)(?:path|rect|circle|ellipse|line|poly|text|image|use|g\b)", re.I)
_URL_CHARACTERS = "%/:;,=?&+!$'()*@~-._[]"
_HOST = re.compile(r"(?!.{254})[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?\Z", re.IGNORECASE)


class Resolver:
    """The absolute URLs of the references on one page."""

    def __init__(self, base: str, encoding: str = "utf-8") -> None:
        """Resolve against *base*; *encoding* is the page's, and its queries' (URL standard)."""
        self.base = base
        self._encoding = _output_encoding(encoding.lower())
        self._data = False
        self._known: dict[str, str | None] = {}

    def with_data(self) -> Resolver:
        """Return a resolver that lets the ``data:`` URLs of images pass, too."""
        other = copy(self)
        other._data, other._known = True, {}
        return other

    def elsewhere(self, base: str, encoding: str = "utf-8") -> Resolver:
        """Return a resolver like this one for another *base*."""
        other = Resolver(base, encoding)
        other._data = self._data
        return other

    def __call__(self, reference: str | None) -> str | None:
        """Return the http(s) URL that *reference* means, ``None`` when it means none."""
        if not reference:
            return None
        if reference not in self._known:
            self._known[reference] = self._resolve(reference)
        return self._known[reference]

    def _resolve(self, reference: str) -> str | None:
        if self._data and _DATA.match(reference):
            return data_url(reference)
        text = reference.partition("#")[0]
        if not text.strip() or _TEMPLATE.search(text):
            return None
        if self._encoding != "utf-8" and not text.isascii():
            text = _with_query_in(text, self._encoding)
        try:
            url = str(join_url(self.base, text))
        except ValueError:
            return None
        if not url.startswith(_HTTP) or not _is_host(url.split("/", 3)[2]):
            return None
        path, mark, query = url.partition("?")
        return path.replace("|", "%7C") + mark + query  # as browsers do, whatever the standard says


def _output_encoding(name: str) -> str:
    """Return what queries are written in (https://encoding.spec.whatwg.org/)."""
    if name.startswith(("utf-16", "utf-32")):
        return "utf-8"
    return {"ascii": "cp1252", "iso8859-1": "cp1252", "latin-1": "cp1252"}.get(name, name)


def _with_query_in(text: str, encoding: str) -> str:
    """Percent-encode the query of *text* in *encoding*.

    What it lacks becomes a character reference ("percent-encode after encoding").
    """
    path, mark, query = text.partition("?")
    if encoding == "gb18030":  # what w3lib decodes GBK and GB2312 as; a form is sent in GBK
        encoding, query = "gbk", query.replace("€", "%80")
    return path + mark + quote(query.encode(encoding, "imagecrawl.reference"), safe=_QUERY)


# All of ASCII but what the standard's special-query percent-encode set has.
_QUERY = "".join(chr(n) for n in range(0x21, 0x7F) if chr(n) not in "\"#<>'")


def _reference(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    lacking = error.object[error.start : error.end]
    return "".join(f"%26%23{ord(one)}%3B" for one in lacking), error.end


codecs.register_error("imagecrawl.reference", _reference)


def data_url(reference: str) -> str | None:
    """Return the ``data:`` URL of an image without blanks; ``None`` for a spacer.

    That is a GIF of one pixel, or an SVG in which nothing is drawn.
    """
    head, comma, data = reference.strip().translate(_BLANKS).partition(",")
    head = head.lower()
    encoded = head.endswith(";base64")
    url = f"{head},{data.replace(' ', '') if encoded else data}"
    if not comma or url.startswith(_SPACERS):
        return None
    if "svg" in head and not encoded and not _DRAWN.search(data):
        return None
    return quote(url, safe=_URL_CHARACTERS)


@lru_cache(maxsize=4096)
def _is_host(authority: str) -> bool:
    """Tell whether a request can be addressed to *authority*; the standard allows more."""
    host, _, _ = authority.rpartition("@")[2].partition(":")
    if "[" in authority:
        try:
            IPv6Address(authority.rpartition("@")[2].partition("]")[0][1:])
        except ValueError:
            return False
        return True
    return bool(_HOST.match(host))
