"""Which node is meant? A target of ``scrapy.cfg``, as ``scrapyd-deploy`` reads it, or a URL."""

from __future__ import annotations

import netrc
import os
from collections.abc import Mapping
from configparser import RawConfigParser
from urllib.parse import urlsplit

from scrapy.utils.conf import get_sources

from imagecrawl.errors import ConfigError
from imagecrawl.node.api import Node

_DEFAULT_URL = "http://localhost:6800"


def find_node(name: str | None) -> tuple[Node, str]:
    """Return the node that *name* (a target, a URL; without one the default target) stands for,
    and the project that goes with it. Raises :exc:`ConfigError`.

    A URL may have ``user:password@``; else they are those of the target with this URL, or of
    ``~/.netrc``.
    """
    targets = _targets()
    if name is not None and "://" in name:
        url, username, password = _parts(name)
        known = [t for t in targets.values() if t.get("url", "").rstrip("/") == url]
        target: Mapping[str, str] = known[0] if known else targets.get("default", {})
        if not username and known:
            username, password = target.get("username", ""), target.get("password", "")
    elif name is None or name in targets:
        target = targets.get(name or "default", {})
        url, username, password = _parts(target.get("url", _DEFAULT_URL))
        username = target.get("username", username)
        password = target.get("password", password)
    else:
        there = ", ".join(targets) or "none"
        raise ConfigError(f"scrapy.cfg has no target {name!r}: there are {there}")
    if not username:
        username, password = _from_netrc(url)
    return Node(url, username, password), target.get("project", "imagecrawl")


def _targets() -> dict[str, dict[str, str]]:
    """Return the sections ``[deploy]`` and ``[deploy:NAME]``, which inherits from the first."""
    parser = RawConfigParser()
    parser.read(get_sources())
    base = dict(parser.items("deploy")) if parser.has_section("deploy") else {}
    targets = {"default": base} if base else {}
    for section in parser.sections():
        if section.startswith("deploy:"):
            targets[section[len("deploy:") :]] = {**base, **dict(parser.items(section))}
    return {
        name: {key: os.path.expandvars(value) for key, value in target.items()}
        for name, target in targets.items()
    }


def _parts(url: str) -> tuple[str, str, str]:
    """Return *url* without its user and password, and those."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https"):
        raise ConfigError(f"{url!r} is no URL of a Scrapyd: http://localhost:6800 would be one")
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="")
    return bare.geturl().rstrip("/"), parts.username or "", parts.password or ""


def _from_netrc(url: str) -> tuple[str, str]:
    try:
        found = netrc.netrc().authenticators(urlsplit(url).hostname or "")
    except (OSError, netrc.NetrcParseError):
        return "", ""
    return (found[0], found[2] or "") if found else ("", "")
