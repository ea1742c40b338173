"""Are two URLs of the same site?"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

import tldextract

# The bundled copy of the public suffix list; nothing is downloaded or cached on disk. With its
# private part, as browsers read it: ``a.github.io`` and ``b.github.io`` are two sites
# (https://html.spec.whatwg.org/multipage/browsers.html#obtain-a-site).
_SUFFIXES = tldextract.TLDExtract(
    suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True
)
_PORTS = {"http": 80, "https": 443}


def same_site(a: str, b: str) -> bool:
    """Tell whether *a* and *b* are http(s) URLs of the same site.

    That is, of the same registrable domain; where there is none (an IP address, ``localhost``, a
    name without a public suffix), of the same host and port.
    """
    site = site_of(a)
    return site is not None and site == site_of(b)


def site_of(url: str) -> str | None:
    """Return what the URLs of a site have in common, ``None`` for what is not an http(s) URL."""
    scheme, _, rest = url.strip().partition("://")
    if scheme.lower() not in _PORTS:
        return None
    for mark in "/?#\\":
        rest = rest.partition(mark)[0]
    return _site(scheme.lower(), rest)


@lru_cache(maxsize=4096)
def _site(scheme: str, authority: str) -> str | None:
    try:
        parts = urlsplit(f"{scheme}://{authority}")
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    host = _ascii((host or "").rstrip("."))
    if not host:
        return None
    name = _SUFFIXES(host)
    if name.domain and name.suffix:
        return f"{name.domain}.{name.suffix}"
    return f"{host}:{port or _PORTS[scheme]}"


def _ascii(host: str) -> str:
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return host
