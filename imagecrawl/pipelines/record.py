"""Stage 4 of 4: what is known of the image, without its body."""

from __future__ import annotations

from typing import Any

from scrapy.crawler import Crawler
from typing_extensions import Self

from imagecrawl.items import ImageItem, ImageRecord
from imagecrawl.signals import image_recorded

_DESCRIPTIONS = ("alt", "title", "caption")


class RecordPipeline:
    """Turns the item into its :class:`ImageRecord`, and tells the frontier of it."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Any) -> Any:
        if not isinstance(item, ImageItem):
            return item
        record = image_record(item)
        stats = self._crawler.stats
        stats.inc_value("imagecrawl/bytes", len(item.body))
        if item.entry_id is not None:
            self._crawler.signals.send_catch_log(
                signal=image_recorded, record=record, entry_id=item.entry_id
            )
        return record


def image_record(item: ImageItem) -> ImageRecord:
    """Return the record of a stored *item*.

    The fields of the spider's item, or the columns of a list, come after our own. One with a
    name of ours is kept as ``item_<name>``; a description where the page has none is ours.
    """
    assert item.facts is not None and item.outcome is not None
    own = {
        "url": item.url,
        "page_url": item.page_url,
        "path": item.path,
        "sha256": item.sha256,
        "bytes": len(item.body),
        "width": item.facts.width,
        "height": item.facts.height,
        "format": item.facts.format,
        "status": item.outcome.value,
        "http_status": item.http_status,
        "attempts": item.attempts,
        "fetched_at": item.fetched_at.isoformat(timespec="seconds") if item.fetched_at else None,
        "alt": item.alt,
        "title": item.title,
        "caption": item.caption,
        "source": item.source,
        "position": item.position,
        "robots": item.robots,
        "final_url": item.final_url,
    }
    told = {k: v for k, v in item.fields.items() if k in _DESCRIPTIONS and own[k] is None}
    extra = {f"item_{k}" if k in own else k: v for k, v in item.fields.items() if k not in told}
    return ImageRecord({**own, **told, **extra})
