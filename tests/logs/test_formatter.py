"""What the log says of items and decisions, and in which form."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from scrapy import Request
from scrapy.logformatter import LogFormatterResult

from imagecrawl.errors import ImageRejected
from imagecrawl.items import ImageItem, ImageRecord
from imagecrawl.logs.formatter import ImageLogFormatter, ShortItem
from imagecrawl.logs.json_lines import JsonFormatter
from imagecrawl.logs.ration import Ration, Told

BODY = b"\x89PNG" * 1000
ITEM = ImageItem("http://h/a.png", BODY)
SPIDER: Any = None


def line(told: LogFormatterResult) -> str:
    return told["msg"] % told["args"]


def test_an_item_is_told_without_its_body() -> None:
    formatter = ImageLogFormatter()
    record = ImageRecord(url="http://h/a.png", status="stored", path="full/a.png", bytes=4000)
    assert line(formatter.scraped(record, None, SPIDER)) == (
        "Scraped http://h/a.png: stored, full/a.png (4000 bytes)"
    )
    dropped = formatter.dropped(ITEM, ImageRejected("corrupt", "cut"), None, SPIDER)
    assert line(dropped) == "Dropped: corrupt: cut: http://h/a.png (4000 bytes)"
    assert dropped["level"] == logging.DEBUG
    error = formatter.item_error(ITEM, ValueError(), None, SPIDER)
    assert line(error) == "Error processing http://h/a.png (4000 bytes)"
    assert error["level"] == logging.ERROR


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ({"image": BODY, "n": 1}, "{'image': <4000 bytes>, 'n': 1}"),
        ({"deep": [bytearray(3)]}, "{'deep': [<3 bytes>]}"),
        (BODY, "<4000 bytes>"),
    ],
)
def test_items_of_others(item: Any, text: str) -> None:
    assert str(ShortItem(item)) == text


def test_a_long_item_is_cut() -> None:
    assert len(str(ShortItem({"text": "x" * 10_000, "list": list(range(10_000))}))) < 500


def test_the_first_of_a_kind_and_then_no_more() -> None:
    ration = Ration(2, every_secs=60)
    assert ration.take(0, logging.WARNING) == Told(logging.WARNING)
    second = ration.take(1)
    assert second.level == logging.INFO and "LOG_LEVEL=DEBUG" in second.tail
    assert ration.take(59) == Told(logging.DEBUG)
    assert ration.take(60) == Told(logging.INFO)
    for_ever = Ration(1)
    assert for_ever.take(0).level == logging.INFO
    assert for_ever.take(1e9).level == logging.DEBUG


def formatted(record: logging.LogRecord) -> dict[str, Any]:
    text = JsonFormatter().format(record)
    assert "\n" not in text
    told: dict[str, Any] = json.loads(text)
    return told


def test_json() -> None:
    record = logging.LogRecord("a.b", logging.INFO, "f", 1, "no %s\n\ud800", ("x",), None)
    record.url, record.attempt, record.wait = "http://me:pw@h:8/a", 2, 1.5
    told = formatted(record)
    assert told.pop("time").endswith("+00:00")
    assert told == {
        "level": "INFO",
        "logger": "a.b",
        "message": "no x\n\ud800",
        "url": "http://me:pw@h:8/a",
        "host": "h:8",
        "attempt": 2,
        "wait": 1.5,
    }


def test_json_of_scrapys_own_lines_has_their_request() -> None:
    args = {"request": Request("http://h/a"), "status": 200}
    record = logging.LogRecord("a", logging.DEBUG, "f", 1, "%(status)s", (args,), None)
    told = formatted(record)
    assert (told["message"], told["url"], told["host"]) == ("200", "http://h/a", "h")


def test_json_of_an_exception() -> None:
    try:
        raise ValueError("why")
    except ValueError as error:
        info = (type(error), error, error.__traceback__)
    told = formatted(logging.LogRecord("a", logging.ERROR, "f", 1, "bad", (), info))
    assert told["exception"].endswith("ValueError: why")
