"""Stage 3 of 4: was this content stored already, under another URL?"""

from __future__ import annotations

import asyncio
from typing import Any

from scrapy.crawler import Crawler
from typing_extensions import Self

from imagecrawl.errors import LedgerError
from imagecrawl.items import ImageItem
from imagecrawl.jobs.job import Job, job_of
from imagecrawl.outcomes import Outcome

_LOOK_SECS = 0.02
_MOST_LOOKS = 3000
"""A minute: who is stuck in the pipelines behind stops nobody else."""


class DuplicatesPipeline:
    """Fills in ``outcome``: the first entry of the job with some content has it ``stored``,
    every other is a ``duplicate`` of it. After the store: what a pipeline before it drops is
    nobody's original; and while the first is still in the pipelines behind, the others wait.

    Without a frontier there is no memory of contents: everything is ``stored``.
    """

    def __init__(self, job: Job | None) -> None:
        self._job = job

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(job_of(crawler))

    async def process_item(self, item: Any) -> Any:
        if isinstance(item, ImageItem):
            first = await self._know_first(item)
            item.outcome = Outcome.STORED if first else Outcome.DUPLICATE
        return item

    async def _know_first(self, item: ImageItem) -> bool:
        for _ in range(_MOST_LOOKS):
            first = self._is_first(item)
            if first is not None:
                return first
            await asyncio.sleep(_LOOK_SECS)  # a frontier calls nobody back
        return False

    def _is_first(self, item: ImageItem) -> bool | None:
        if self._job is None or item.entry_id is None:
            return True
        try:
            return self._job.frontier.claim(bytes.fromhex(item.sha256), item.entry_id)
        except Exception as error:
            raise LedgerError(f"{self._job.frontier.path} cannot be read: {error}") from error
