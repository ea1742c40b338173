"""Which URL does an attribute's text mean on this page?

The rules are the URL standard's (https://url.spec.whatwg.org/#concept-basic-url-parser), as far
as http and https go: white space, backslashes, extra slashes, dot segments. The percent-encoding
and the IDNA are w3lib's.
"""

from __future__ import annotations

import re
from copy import copy
from functools import lru_cache
from ipaddress import IPv6Address
from urllib.parse import quote

from w3lib.url import safe_url_string

_C0_OR_SPACE = "".join(map(chr, range(0x21)))
_URL_CHARACTERS = "%/:;,=?&+!$'()*@~-._#[]"
_TAB_OR_NEWLINE = str.maketrans("", "", "\t\n\r")
# In which there is nothing to strip, to replace or to cut off.
_CLEAN = re.compile(r"[A-Za-z0-9/._~!$&()*+,;=:@%?-]+\Z")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_ORIGIN = re.compile(r"(https?)://[^/?#]*", re.IGNORECASE)
_AUTHORITY = re.compile(r"https?://[^/?]")
# What a template engine was to fill in, and did not: ``{{ url }}``, ``${url}``, ``{width}``.
_TEMPLATE = re.compile(r"\{\{|\$\{|<%|\{(?:width|height|size)\}")
# What w3lib would return as it is; most URLs are so, and this is far faster.
_PLAIN = re.compile(r"https?://[a-z0-9.:_-]+/[A-Za-z0-9/._~!$&()*+,;=:@%?-]*(?<!\?)\Z")
_DATA = re.compile(r"[\s\x00-\x20]*data:image/", re.IGNORECASE)
_SPACERS = ("data:image/gif;base64,R0lGODlhAQAB", "data:image/gif;base64,R0lGODdhAQAB")
_DRAWN = re.compile(r"(?:<|%3c)(?:path|rect|circle|ellipse|line|poly|text|image|use|g\b)", re.I)
_HOST = re.compile(r"(?!.{254})[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?\Z", re.IGNORECASE)
_DOTTED = re.compile(r"/(?:\.|%2[eE])")
_DOT = frozenset((".", "%2e"))
_DOTS = frozenset(("..", ".%2e", "%2e.", "%2e%2e"))


class Resolver:
    """The absolute URLs of the references on one page."""

    def __init__(self, base: str, encoding: str) -> None:
        """Resolve against *base*; *encoding* is the page's, and its queries' (URL standard)."""
        # "Get an output encoding": https://encoding.spec.whatwg.org/#get-an-output-encoding
        wide = encoding.lower().startswith(("utf-16", "utf-32"))
        self._encoding = "utf-8" if wide else encoding
        origin = _ORIGIN.match(base)
        self._scheme = origin[1].lower() if origin else ""
        self._origin = origin[0] if origin else ""
        self._page = re.split("[?#]", base, maxsplit=1)[0] if origin else ""
        path = self._page[len(self._origin) :]
        self._folder = self._origin + (path[: path.rfind("/") + 1] or "/")
        self._known: dict[str, str | None] = {}
        self._data = False

    def with_data(self) -> Resolver:
        """Return a resolver that lets the ``data:`` URLs of images pass, too."""
        other = copy(self)
        other._data, other._known = True, {}
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
        text = reference if _CLEAN.match(reference) else _cleaned(reference)
        url = self._absolute(text) if text else None
        if url is None or not _AUTHORITY.match(url):
            return None
        if _DOTTED.search(url) or not _PLAIN.match(url):
            url = _normalised(url, self._encoding)
        return url if url and _is_host(url.split("/", 3)[2]) else None

    def _absolute(self, text: str) -> str | None:
        if match := _SCHEME.match(text):
            scheme, rest = match[1].lower(), text[match.end() :]
            if scheme not in ("http", "https"):
                return None
            if scheme != self._scheme or rest.startswith("//"):
                return f"{scheme}://{rest.lstrip('/')}"
            text = rest
        if not self._origin:
            return None
        if text.startswith("//"):
            return f"{self._scheme}://{text.lstrip('/')}"
        if text.startswith("/"):
            return self._origin + text
        return (self._page if text.startswith("?") else self._folder) + text


def data_url(reference: str) -> str | None:
    """Return the ``data:`` URL of an image without blanks; ``None`` for a spacer.

    That is a GIF of one pixel, or an SVG in which nothing is drawn.
    """
    head, comma, data = reference.strip().translate(_TAB_OR_NEWLINE).partition(",")
    url = f"{head.lower()},{data if ';base64' not in head.lower() else data.replace(' ', '')}"
    url = url.replace(" ", "%20").replace('"', "%22").replace("#", "%23")
    if not comma or url.startswith(_SPACERS):
        return None
    if "svg" in head.lower() and "base64" not in head.lower() and not _DRAWN.search(data):
        return None
    return url if url.isascii() else quote(url, safe=_URL_CHARACTERS)


def _cleaned(reference: str) -> str:
    """Strip C0 controls and spaces around, tabs and newlines inside, the fragment.

    U+FFFD in front is a control character that lxml has replaced. A template's text is no
    reference.
    """
    text = reference.lstrip(_C0_OR_SPACE + "\ufffd").rstrip(_C0_OR_SPACE)
    text = text.translate(_TAB_OR_NEWLINE).partition("#")[0]
    if "\\" in text:
        path, mark, query = text.partition("?")
        text = path.replace("\\", "/") + mark + query
    return "" if _TEMPLATE.search(text) else text


def _normalised(url: str, encoding: str) -> str | None:
    """Percent-encode *url*, give it a path, and resolve the dot segments in it."""
    try:
        url = safe_url_string(url, encoding=encoding)
    except UnicodeEncodeError:
        # A character that the page's encoding lacks: browsers send a reference, servers expect
        # UTF-8.
        try:
            url = safe_url_string(url)
        except ValueError:
            return None
    except ValueError:
        return None
    location, mark, query = url.partition("?")
    scheme, _, host, *path = location.split("/")
    segments: list[str] = []
    for segment in path:
        if segment.lower() in _DOTS:
            segments = segments[:-1]
        elif segment.lower() not in _DOT:
            segments.append(segment)
    if not path or path[-1].lower() in _DOT | _DOTS:
        segments.append("")
    return f"{scheme}//{host}/{'/'.join(segments)}{mark}{query}"


@lru_cache(maxsize=4096)
def _is_host(authority: str) -> bool:
    """Tell whether a request can be addressed to *authority*."""
    host, colon, port = authority.rpartition("@")[2].partition(":")
    if "[" in authority:
        host, _, port = authority.rpartition("@")[2].partition("]")
        try:
            IPv6Address(host[1:])
        except ValueError:
            return False
        return port == "" or (port[0] == ":" and _is_port(port[1:]))
    return bool(_HOST.match(host)) and (not colon or _is_port(port))


def _is_port(port: str) -> bool:
    return port == "" or (port.isascii() and port.isdigit() and int(port[:6]) < 65536)
