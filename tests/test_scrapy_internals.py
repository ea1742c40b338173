"""A Scrapy, or a Twisted, that has moved what we use is noticed when a crawl starts, by name."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import scrapy.core.downloader
import scrapy.core.scraper
from scrapy.core.downloader.handlers import http11
from twisted.web import _newclient, client, http

from imagecrawl import scrapy_internals
from imagecrawl.errors import ConfigError


def crawler() -> Any:
    downloader = SimpleNamespace(slots={}, active=set())
    scraper = SimpleNamespace(slot=None)
    made = {"downloader": downloader, "scraper": scraper, "scheduler": None, "spider": None}
    return SimpleNamespace(engine=SimpleNamespace(**made))


def refusal(crawler: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        scrapy_internals.check(crawler)
    return str(caught.value)


def test_this_one_is_as_expected() -> None:
    scrapy_internals.check(crawler())


@pytest.mark.parametrize(
    "path",
    [
        *("downloader", "scraper", "scheduler", "spider"),
        *("downloader.slots", "downloader.active", "scraper.slot"),
    ],
)
def test_what_the_engine_lacks_is_named(path: str) -> None:
    made = crawler()
    owner = made.engine
    *way, name = path.split(".")
    for step in way:
        owner = getattr(owner, step)
    delattr(owner, name)
    assert refusal(made) == f"this version of Scrapy has no SimpleNamespace.{name}"


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        *((scrapy.core.downloader.Slot, name) for name in ("delay", "jitter", "lastseen", "queue")),
        (scrapy.core.downloader, "Slot"),
        (scrapy.core.scraper.Slot, "is_idle"),
        (client.HTTPConnectionPool, "_factory"),
        (client.HTTPConnectionPool, "_removeConnection"),
        (_newclient, "HTTPClientParser"),
        (_newclient.HTTP11ClientProtocol, "_parser"),
        (_newclient.HTTPClientParser, "_transferDecoders"),
        (http._ChunkedTransferDecoder, "_dataReceived_CHUNK_LENGTH"),
    ],
)
def test_what_a_class_or_a_module_lacks_is_named(
    owner: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(owner, name)
    assert refusal(crawler()).endswith(f" has no {owner.__name__}.{name}")


@pytest.mark.parametrize(
    ("owner", "maker", "name"),
    [
        (client.HTTPConnectionPool, "__init__", "_connections"),
        (client.HTTPConnectionPool, "__init__", "_timeouts"),
        (_newclient.HTTPClientParser, "makeConnection", "state"),
        (http._ChunkedTransferDecoder, "__init__", "_buffer"),
        (http._ChunkedTransferDecoder, "__init__", "_start"),
    ],
)
def test_what_is_not_there_once_made_is_named(
    owner: Any, maker: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock = getattr(owner, maker)

    def make(self: Any, *args: Any) -> None:
        stock(self, *args)
        delattr(self, name)

    monkeypatch.setattr(owner, maker, make)
    assert refusal(crawler()) == f"this version of Twisted has no {owner.__name__}.{name}"


def test_a_handler_without_a_pool_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http11.HTTP11DownloadHandler, "__init__", lambda self, crawler: None)
    assert refusal(crawler()) == "this version of Scrapy has no HTTP11DownloadHandler._pool"


@pytest.mark.parametrize("name", ["STATUS", "HEADER"])
def test_another_word_for_a_state_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_newclient, name, "another")
    assert refusal(crawler()) == f"this version of Twisted has no HTTPClientParser.state {name}"
