"""How does a Request become bytes, and a Request again, without pickle?

MessagePack (through msgspec) holds plain data only, so whoever can write the frontier's file
cannot run code with it. Only what differs from a plain GET is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from scrapy import Request, Spider
from scrapy.utils.misc import load_object

from imagecrawl.errors import EncodeError

# What a download leaves in a request's meta. A spider that copies `response.meta` to a new
# request would otherwise hand on another request's history.
INTERNAL_META = frozenset(
    {
        *("download_latency", "retry_times", "redirect_times", "redirect_ttl", "redirect_urls"),
        *("redirect_reasons", "_auth_proxy", "_scheme_proxy", "_dont_cache", "cache_timestamp"),
        *("frontier_entry", "cursor"),
    }
)

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder()
_PLAIN = Request("data:,")


class RequestCodec:
    """Encodes the Requests of one spider.

    Callbacks and errbacks are kept by name: methods of the spider, or one of *named*, the
    callbacks that components bring along.
    """

    def __init__(self, spider: Spider, named: Mapping[str, Callable[..., Any]]) -> None:
        self._spider = spider
        self._named = dict(named)
        self._names = {function: name for name, function in named.items()}
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
        if type(request) is not Request:
            fields["_class"] = f"{type(request).__module__}.{type(request).__qualname__}"
        kept = {k: v for k, v in fields.items() if v and v != getattr(_PLAIN, k, None)}
        try:
            return _encoder.encode(kept)
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            raise EncodeError(
                f"{request} cannot be kept in the frontier: {_culprit(kept)} ({error})"
            ) from None

    def decode(self, data: bytes) -> Request:
        """Return the Request that :meth:`encode` was given."""
        fields = _decoder.decode(data)
        cls: type[Request] = load_object(fields.pop("_class")) if "_class" in fields else Request
        if not issubclass(cls, Request):
            raise EncodeError(f"{cls!r} in the frontier is no Request class")
        for name in ("callback", "errback"):
            if name in fields:
                fields[name] = self._function(fields[name])
        return cls(**fields)

    def _name(self, request: Request, field: str) -> str | None:
        function = getattr(request, field)
        if function is None:
            return None
        if function in self._names:
            return self._names[function]
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


def _culprit(fields: dict[str, Any]) -> str:
    """Name the first field that does not encode, as ``meta['key']`` where it is inside."""
    for name, value in fields.items():
        inside = value.items() if isinstance(value, dict) else ()
        for label, part in [*((f"{name}[{key!r}]", v) for key, v in inside), (name, value)]:
            try:
                _encoder.encode(part)
            except (TypeError, ValueError, OverflowError, RecursionError):
                return f"{label} is not plain data"
    return "it is not plain data"
