"""What does a row of a list become: a Request, or an entry of the ledger?"""

from __future__ import annotations

import hashlib
import logging
from typing import Any

from scrapy import Request
from scrapy.statscollectors import StatsCollector

from imagecrawl.discovery.sites import site_of
from imagecrawl.frontier.entry import Cursor, Entry
from imagecrawl.inputs.rows import BadRow, Row
from imagecrawl.inputs.table import Table
from imagecrawl.inputs.urls import BadUrl, check_url
from imagecrawl.meta import CURSOR_KEY
from imagecrawl.outcomes import Kind, Outcome, Reason
from imagecrawl.requests import image_request
from imagecrawl.text import clean_text

logger = logging.getLogger(__name__)

_LOGGED_BAD_ROWS = 10
_SHOWN_CHARACTERS = 2000


class RowRequests:
    """Turns the rows of one list, of *several*, into what the frontier takes."""

    def __init__(self, table: Table, stats: StatsCollector, *, several: bool) -> None:
        self._table = table
        self._stats = stats
        self._signature = table.signature()
        self._spec = table.file.spec
        self._where = f"{self._spec}, " if several else ""
        self._bad = 0

    def one(self, row: Row | BadRow) -> Request | Entry | None:
        """Return the Request of *row*, or the failed entry of one that cannot be asked for;
        ``None`` if it is for another node. What has no site is one node's, too."""
        shard = self._table.shard
        site = site_of(row.url) if shard and isinstance(row, Row) else None
        if shard and not shard.takes(site or ""):
            self._stats.inc_value("imagecrawl/input/other_shards")
            return None
        source = self._table.file.source
        if isinstance(row, BadRow):
            # Rows that look the same (nothing but commas) are as many rows.
            identity = f"{source}\n{row.place}\n{row.text}"
            return self._failed(row.place, row.text, identity, row.problem)
        identity = f"{source}\n{row.url}"
        meta: dict[str, Any] = {
            CURSOR_KEY: Cursor(source, row.number, self._signature),
            "dont_obey_robotstxt": True,
        }
        try:
            return image_request(check_url(row.url), fields=row.fields, name=row.name, meta=meta)
        except BadUrl as error:
            return self._failed(row.place, row.url, identity, error.detail, error.reason)
        except ValueError as error:
            problem = f"{row.url[:100]!r}: {error}"
            return self._failed(row.place, row.url, identity, problem)

    def _failed(
        self,
        place: int,
        text: str,
        identity: str,
        problem: str,
        reason: Reason = Reason.INVALID_URL,
    ) -> Entry:
        self._bad += 1
        self._stats.inc_value("imagecrawl/input/bad_lines")
        message = clean_text(f"{self._table.format.place} {place}: {problem}")
        if self._bad <= _LOGGED_BAD_ROWS:
            logger.warning("%s, %s", self._spec, message)
        digest = hashlib.sha1(identity.encode("utf-8", "surrogatepass"), usedforsecurity=False)
        return Entry(
            *(digest.digest(), Kind.IMAGE, "", clean_text(text[:_SHOWN_CHARACTERS])),
            outcome=Outcome.FAILED,
            reason=reason.value,
            message=self._where + message,
        )

    def close(self) -> None:
        """Say how many could not be asked for, unless each has been named."""
        if self._bad > _LOGGED_BAD_ROWS:
            logger.warning("%s: %d lines are no usable URLs", self._spec, self._bad)
