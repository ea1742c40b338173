"""How does a Request become bytes, and a Request again, without pickle?

MessagePack (through msgspec) holds data only, so whoever can write the frontier's file cannot run
code with it (:mod:`imagecrawl.frontier.plain`). Only what differs from a plain GET is kept,
and of a subclass all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import msgspec
from scrapy import Request, Spider
from scrapy.utils.misc import load_object

from imagecrawl.errors import EncodeError
from imagecrawl.frontier.plain import NotPlain, is_plain, packed, unpacked
from imagecrawl.meta import CURSOR_KEY, ENTRY_KEY, OWN_FILTER_KEY

# What a download leaves in a request's meta. A spider that copies `response.meta` to a new
# request would otherwise hand on another request's history.
INTERNAL_META = frozenset(
    {
        *("download_latency", "retry_times", "redirect_times", "redirect_ttl", "redirect_urls"),
        *("redirect_reasons", "_auth_proxy", "_scheme_proxy", "_dont_cache", "cache_timestamp"),
        *(ENTRY_KEY, CURSOR_KEY, OWN_FILTER_KEY),
    }
)

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(ext_hook=unpacked)
_PLAIN = Request("data:,")


class RequestCodec:
    """Encodes the Requests of one spider.

    Callbacks and errbacks are kept by name: methods of the spider, or one of *named*, the
    callbacks that components bring along.
    """

    def __init__(self, spider: Spider, named: Mapping[str, Callable[..., Any]]) -> None:
        self._spider = spider
        self._named = dict(named)
        members = ((name, getattr(type(spider), name, None)) for name in dir(type(spider)))
        self._methods = [(name, method) for name, method in members if callable(method)]

    def encode(self, request: Request) -> bytes:
        """Return *request* as bytes.

        Raises :exc:`EncodeError`, which names the field, for what cannot be kept: callbacks
        that are no methods of the spider, and meta or cb_kwargs that are not plain data.
        """
        fields = {
            "url": request.url,
            "callback": self._name(request, "callback"),
            "errback": self._name(request, "errback"),
            "headers": {k: list(v) for k, v in request.headers.items()},
            "meta": {k: v for k, v in request.meta.items() if k not in INTERNAL_META},
        }
        for name in request.attributes:
            if name not in fields:
                fields[name] = getattr(request, name)
        kept = {k: v for k, v in fields.items() if v and v != getattr(_PLAIN, k, None)}
        if type(request) is not Request:  # whose own defaults may be others
            path = f"{type(request).__module__}.{type(request).__qualname__}"
            if _request_class(path) is not type(request):
                raise EncodeError(f"{request} cannot be kept in the frontier: {path} is not found")
            kept = {k: v for k, v in fields.items() if v is not None} | {"_class": path}
        try:
            return _encoder.encode(kept if is_plain(kept) else packed(kept))
        except (NotPlain, ValueError, OverflowError):  # half a surrogate pair, a number too large
            culprit = _culprit(kept)
        raise EncodeError(f"{request} cannot be kept in the frontier: {culprit}")

    def decode(self, data: bytes) -> Request:
        """Return the Request that :meth:`encode` was given."""
        try:
            fields = _decoder.decode(data)
        except msgspec.DecodeError as error:
            raise EncodeError(f"what the frontier has is no request: {error}") from None
        path = fields.pop("_class", None)
        cls = Request if path is None else _request_class(path)
        if cls is None:
            raise EncodeError(f"{path!r} in the frontier is no Request class")
        for name in ("callback", "errback"):
            if name in fields:
                fields[name] = self._function(fields[name])
        return cls(**fields)

    def _name(self, request: Request, field: str) -> str | None:
        function = getattr(request, field)
        if function is None:
            return None
        for name, named in self._named.items():
            if named is function:
                return name
        # Not by __name__: a decorated method has that of the one it wraps.
        if getattr(function, "__self__", None) is self._spider:
            for name, method in self._methods:
                if method is function.__func__:
                    return name
        raise EncodeError(
            f"{request} cannot be kept in the frontier: its {field} {function!r} "
            "is not a method of the spider"
        )

    def _function(self, name: str) -> Callable[..., Any]:
        if name in self._named:
            return self._named[name]
        function = getattr(self._spider, name, None)
        if not callable(function):
            raise EncodeError(
                f"the frontier has a request for the method {name!r}, which the spider "
                f"{self._spider.name!r} does not have: add it, or start afresh with -a restart=true"
            )
        return function  # type: ignore[no-any-return]


@lru_cache(maxsize=64)
def _request_class(path: object) -> type[Request] | None:
    """Return the class that *path* names, if it is one of Requests that can be found."""
    try:
        found = load_object(path) if isinstance(path, str) else None
    except (ImportError, NameError, ValueError, TypeError):
        return None
    return found if isinstance(found, type) and issubclass(found, Request) else None


def _culprit(fields: dict[str, Any]) -> str | None:
    """Name the first field that would not come back as it is, as ``meta['key']`` if inside."""
    for name, value in fields.items():
        if isinstance(value, dict):
            for key, inside in value.items():
                if not _encodes(key) or not _encodes(inside):
                    return f"{name}[{key!r}] is not plain data, but {inside!r}"[:200]
        elif not _encodes(value):
            return f"{name} is not plain data, but {value!r}"[:200]
    return None


def _encodes(value: object) -> bool:
    try:
        _encoder.encode(packed(value))
    except (NotPlain, ValueError, OverflowError):
        return False
    return True
