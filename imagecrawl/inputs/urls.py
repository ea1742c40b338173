"""Is this text the URL of something that can be fetched over HTTP?"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from imagecrawl.outcomes import Reason

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+-]*):")
_BAD_HOST = re.compile(r"[\s,<>\"'`{}|\\^%/?#@]")


class BadUrl(ValueError):
    """Carries the ``reason`` (``invalid_url`` or ``unsupported_scheme``) and what is wrong."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def check_url(text: str) -> str:
    """Return *text* if it is an ``http`` or ``https`` URL with a host (RFC 3986, section 3).

    Raises :exc:`BadUrl`, which says what is wrong.
    """
    match = _SCHEME.match(text)
    if match is None:
        raise BadUrl(Reason.INVALID_URL, f"{_short(text)} is no URL (it needs http:// or https://)")
    scheme = match.group(1).lower()
    if scheme not in ("http", "https"):
        # "localhost:8000/x" is a host and a port, not a scheme.
        if re.match(r"\d+(/|\Z)", text[match.end() :]):
            raise BadUrl(Reason.INVALID_URL, f"{_short(text)} needs http:// or https:// before it")
        raise BadUrl(Reason.UNSUPPORTED_SCHEME, f"{_short(text)}: {scheme}: is not fetched")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadUrl(Reason.INVALID_URL, f"{_short(text)}: {error}") from None
    if not host or port == 0 or _BAD_HOST.search(host) or not has_name(host):
        raise BadUrl(Reason.INVALID_URL, f"{_short(text)} has no usable host")
    return text


def has_name(host: str) -> bool:
    """Tell whether *host* is one that can be looked up: no label of it is empty, or longer than
    63 bytes, nor all of it than 253 (RFC 1035, section 2.3.4)."""
    if len(host) > 254:  # before the codec, whose time grows with the square
        return False
    try:
        return len(host.encode("idna").removesuffix(b".")) <= 253
    except UnicodeError:
        return False


def _short(text: str) -> str:
    return repr(text if len(text) <= 100 else text[:97] + "...")
