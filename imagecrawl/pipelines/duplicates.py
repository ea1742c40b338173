"""Stage 3 of 4: was this content stored already, under another URL?"""

from __future__ import annotations

from typing import Any

from scrapy.crawler import Crawler
from typing_extensions import Self

from imagecrawl.errors import LedgerError
from imagecrawl.items import ImageItem
from imagecrawl.jobs.job import Job, job_of
from imagecrawl.outcomes import Outcome


class DuplicatesPipeline:
    """Fills in ``outcome``: the first entry of the job with some content has it ``stored``,
    every other is a ``duplicate`` of it, and points to the same file. After the store: what a
    pipeline before it drops is nobody's original.

    Without a frontier there is no memory of contents: everything is ``stored``.
    """

    def __init__(self, job: Job | None) -> None:
        self._job = job

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(job_of(crawler))

    def process_item(self, item: Any) -> Any:
        if isinstance(item, ImageItem):
            item.outcome = Outcome.STORED if self._is_first(item) else Outcome.DUPLICATE
        return item

    def _is_first(self, item: ImageItem) -> bool:
        if self._job is None or item.entry_id is None:
            return True
        try:
            return self._job.frontier.claim(bytes.fromhex(item.sha256), item.entry_id)
        except Exception as error:
            raise LedgerError(f"{self._job.frontier.path} cannot be read: {error}") from error
