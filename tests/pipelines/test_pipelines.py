"""The way of an image: inspected, stored, told from its duplicates, recorded."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.statscollectors import MemoryStatsCollector
from scrapy.utils.misc import build_from_crawler
from scrapy.utils.test import get_crawler

from imagecrawl.errors import ImageRejected, StoreError
from imagecrawl.frontier.entry import Entry, Settlement
from imagecrawl.items import ImageItem, ImageRecord
from imagecrawl.jobs.job import Job, assign_job, open_job
from imagecrawl.outcomes import Kind, Outcome
from imagecrawl.pipelines.duplicates import DuplicatesPipeline
from imagecrawl.pipelines.inspect import InspectPipeline
from imagecrawl.pipelines.record import RecordPipeline
from imagecrawl.pipelines.store import StorePipeline
from imagecrawl.policies.failures import Retry, classify_body
from imagecrawl.signals import image_recorded
from tests.frontier.support import numbers, png

BODY = png()


class Line:
    """The four pipelines in a row, with a real job and a real store."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.root = folder / "images"
        self.crawler: Crawler = get_crawler(
            settings_dict=numbers(IMAGES_STORE=str(self.root), **settings)
        )
        self.crawler.stats = MemoryStatsCollector(self.crawler)
        manifest = {"spider": "s", "store": str(self.root), "args": {}}
        self.job: Job = open_job(folder / "job", manifest, restart=False)
        assign_job(self.crawler, self.job)
        self.inspect = build_from_crawler(InspectPipeline, self.crawler)
        self.duplicates = build_from_crawler(DuplicatesPipeline, self.crawler)
        self.store = build_from_crawler(StorePipeline, self.crawler)
        self.record = build_from_crawler(RecordPipeline, self.crawler)
        self.store.open_spider()

    async def pass_(self, item: Any) -> Any:
        item = await self.inspect.process_item(item)
        item = await self.store.process_item(item)
        item = await self.duplicates.process_item(item)
        record = self.record.process_item(item)
        if isinstance(record, ImageRecord):
            self.settle(item)
        return record

    def settle(self, item: ImageItem) -> None:
        """What the frontier's middleware does, so that nobody waits for this one."""
        entry = Entry(b"x", Kind.IMAGE, "h", item.url, id=item.entry_id or 0)
        own = item.outcome is Outcome.STORED
        content = bytes.fromhex(item.sha256) if own else None
        self.job.frontier.settle(entry, Settlement(Outcome.STORED, content=content), [], 0.0)

    def run(self, *items: Any) -> list[Any]:
        async def all_() -> list[Any]:
            return [await self.pass_(item) for item in items]

        return asyncio.run(all_())

    def files(self) -> list[str]:
        files = (path for path in self.root.rglob("*") if path.is_file())
        return sorted(path.relative_to(self.root).as_posix() for path in files)

    def close(self) -> None:
        self.inspect.close_spider()
        self.store.close_spider()
        self.job.close()


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    line = Line(tmp_path)
    yield line
    line.close()


def item(entry_id: int = 1, body: bytes = BODY, **fields: Any) -> ImageItem:
    url = f"http://h/{entry_id}.jpg"
    return ImageItem(url, body, content_type="image/jpeg", entry_id=entry_id, **fields)


def test_an_image_is_stored_byte_for_byte_and_recorded(line):
    told: list[tuple[ImageRecord, int]] = []

    def listen(record: ImageRecord, entry_id: int) -> None:
        told.append((record, entry_id))

    line.crawler.signals.connect(listen, signal=image_recorded)
    fetched = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=timezone.utc)
    (record,) = line.run(
        item(7, page_url="http://h/", alt="cat", attempts=3, fetched_at=fetched, fields={"id": 9})
    )
    digest = hashlib.sha256(BODY).hexdigest()
    path = f"full/{digest[:2]}/{digest}.png"
    assert (line.root / path).read_bytes() == BODY
    assert record["path"] == path
    assert record["sha256"] == digest
    assert (record["bytes"], record["format"], record["status"]) == (len(BODY), "PNG", "stored")
    assert record["width"] > 0
    assert record["height"] > 0
    assert (record["page_url"], record["alt"], record["attempts"]) == ("http://h/", "cat", 3)
    assert record["fetched_at"] == "2026-01-02T03:04:05+00:00"
    assert record["id"] == 9
    assert "body" not in record
    assert told == [(record, 7)]
    assert line.crawler.stats.get_value("imagecrawl/bytes") == len(BODY)


def test_the_same_content_is_stored_once(line):
    records = line.run(item(1), item(2), item(1))
    assert [record["status"] for record in records] == ["stored", "duplicate", "stored"]
    assert len({record["path"] for record in records}) == 1
    assert len(line.files()) == 1


def test_an_image_may_have_a_name(line):
    other = png((20, 20))
    items = [item(1, name="cats/7.gif"), item(2, other, name="cats/7"), item(3, name="../8")]
    digest = hashlib.sha256(other).hexdigest()
    for _ in range(2):
        records = line.run(*items)
        assert [record["status"] for record in records] == ["stored", "stored", "duplicate"]
        paths = ["full/cats/7.png", f"full/cats/7~{digest[:8]}.png", "full/__/8.png"]
        assert [record["path"] for record in records] == paths
        assert line.files() == sorted(paths)


def test_what_is_no_image_item_passes_on(line):
    thing = {"name": "x"}
    assert line.run(thing) == [thing]
    assert line.files() == []


@pytest.mark.parametrize(
    ("body", "content_type", "reason", "few"),
    [
        (b"", "image/jpeg", "empty", False),
        (BODY[: len(BODY) // 2], "image/png", "truncated", False),
        (b"<html><body>503</body></html>", "image/jpeg", "html", False),
        (b"<html><body>503</body></html>", "text/html; charset=utf-8", "html", True),
        (b"<html><body>503</body></html>", None, "html", False),
        (b"%PDF-1.7 whatever", "application/pdf", "not_an_image", True),
    ],
    ids=["empty", "half", "fault", "page", "untyped", "pdf"],
)
def test_what_is_no_image_is_rejected_with_its_reason(line, body, content_type, reason, few):
    one = item(body=body)
    one.content_type = content_type
    with pytest.raises(ImageRejected) as caught:
        line.run(one)
    assert caught.value.reason == reason
    failure = classify_body(reason, caught.value.detail, caught.value.content_type)
    assert failure.retry is (Retry.FEW if few else Retry.FULL)
    assert line.files() == []
    assert line.crawler.stats.get_value("imagecrawl/bytes") is None


def test_an_image_that_is_too_small_is_not_wanted(tmp_path):
    line = Line(tmp_path, IMAGES_MIN_WIDTH=10_000)
    with pytest.raises(ImageRejected) as caught:
        line.run(item())
    assert caught.value.reason == "too_small"
    assert classify_body("too_small", "", None).outcome is Outcome.FILTERED
    assert line.files() == []


def test_an_image_of_too_many_pixels_is_stored_without_decoding_it(tmp_path):
    line = Line(tmp_path, IMAGECRAWL_MAX_PIXELS=10)
    one = item()
    (record,) = line.run(one)
    assert record["status"] == "stored"
    assert one.facts is not None
    assert not one.facts.decoded
    line.close()


def test_a_name_of_ours_in_an_items_field_does_not_hide_ours(line):
    (record,) = line.run(item(fields={"url": "mine", "status": "new", "price": 3}))
    assert (record["url"], record["status"]) == ("http://h/1.jpg", "stored")
    assert (record["item_url"], record["item_status"], record["price"]) == ("mine", "new", 3)


def test_a_store_that_cannot_be_written_stops_the_crawl_once(line, caplog):
    reasons: list[str] = []

    async def close_spider_async(*, reason: str) -> None:
        reasons.append(reason)

    line.crawler.engine = SimpleNamespace(close_spider_async=close_spider_async)
    (line.root / "full").write_bytes(b"")  # a file where the folder should be

    async def twice() -> None:
        for one in (item(1), item(2)):
            with pytest.raises(StoreError, match="cannot be written"):
                await line.pass_(one)
        await asyncio.sleep(0)

    asyncio.run(twice())
    assert reasons == ["store_error"]
    assert "the same command goes on from here" in caplog.text
    (line.root / "full").unlink()
    (record,) = line.run(item(1))
    assert record["status"] == "stored"  # what it had claimed is still its own


def test_without_a_frontier_everything_is_stored():
    pipeline = DuplicatesPipeline(None)
    for _ in range(2):
        one = item()
        one.sha256 = "00"
        assert asyncio.run(pipeline.process_item(one)).outcome is Outcome.STORED


@pytest.mark.parametrize("pipeline", [InspectPipeline, StorePipeline])
def test_no_store_no_pipeline(pipeline):
    with pytest.raises(NotConfigured):
        build_from_crawler(pipeline, get_crawler(settings_dict={"IMAGES_STORE": ""}))
