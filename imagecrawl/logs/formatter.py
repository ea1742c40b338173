"""What do Scrapy's own lines say of an item? Which it is, and never its body."""

from __future__ import annotations

import logging
import reprlib
from typing import Any

from itemadapter import ItemAdapter
from scrapy import Spider
from scrapy.logformatter import LogFormatter, LogFormatterResult

from imagecrawl.items import ImageItem, ImageRecord


class ImageLogFormatter(LogFormatter):
    """Scrapy's, on one line each, and without the bytes that items have."""

    def scraped(self, item: Any, response: Any, spider: Spider) -> LogFormatterResult:
        return {
            "level": logging.DEBUG,
            "msg": "Scraped %(item)s",
            "args": {"item": ShortItem(item)},
        }

    def dropped(
        self, item: Any, exception: BaseException, response: Any, spider: Spider
    ) -> LogFormatterResult:
        told = super().dropped(item, exception, response, spider)
        args = {"exception": exception, "item": ShortItem(item)}
        return {**told, "msg": "Dropped: %(exception)s: %(item)s", "args": args}

    def item_error(
        self, item: Any, exception: BaseException, response: Any, spider: Spider
    ) -> LogFormatterResult:
        told = super().item_error(item, exception, response, spider)
        return {**told, "args": {"item": ShortItem(item)}}


class ShortItem:
    """An item in a few words; made only when the line is written."""

    def __init__(self, item: Any) -> None:
        self._item = item

    def __str__(self) -> str:
        item = self._item
        if isinstance(item, ImageItem):
            return f"{item.url} ({len(item.body)} bytes)"
        if isinstance(item, ImageRecord):
            return f"{item['url']}: {item['status']}, {item['path']} ({item['bytes']} bytes)"
        if ItemAdapter.is_item(item):
            return _short.repr(ItemAdapter(item).asdict())
        return _short.repr(item)


class _Short(reprlib.Repr):
    """Cuts what is long; says of bytes how many there are."""

    def __init__(self) -> None:
        super().__init__()
        self.maxdict, self.maxlist, self.maxstring, self.maxother = 30, 10, 200, 200

    def repr_bytes(self, data: bytes, level: int) -> str:
        return f"<{len(data)} bytes>"

    repr_bytearray = repr_bytes


_short = _Short()
