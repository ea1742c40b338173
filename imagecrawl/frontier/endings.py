"""How does an entry's work come to its end? What failures, callbacks and items report.

An entry is done when its callback has run to its end and each of its items has left the
pipelines. Whatever cannot be written down stops the crawl and leaves the entry pending: nothing
is lost, and nothing is called failed that was not tried.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable
from typing import Any

from scrapy import Request
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.utils.asyncgen import as_async_generator
from scrapy.utils.defer import maybe_deferred_to_future
from scrapy.utils.spider import iterate_spider_output
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure as TxFailure

from imagecrawl.errors import ImageRejected, LedgerError, StoreError
from imagecrawl.frontier.dispatch import Dispatcher
from imagecrawl.frontier.intake import slot_of
from imagecrawl.frontier.leases import Lease
from imagecrawl.items import ImageItem, ImageRecord
from imagecrawl.outcomes import Outcome, Reason
from imagecrawl.policies.failures import Failure, classify_body, classify_exception, classify_status


class Endings:
    """Ends leases. *abort* is called with what keeps one from being ended, *wake* after each."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        retry_codes: frozenset[int],
        abort: Callable[[Exception], None],
        wake: Callable[[], None],
    ) -> None:
        self._dispatcher = dispatcher
        self._retries = dispatcher.retries
        self._retry_codes = retry_codes
        self._abort = abort
        self._wake = wake

    def finish(self, lease: Lease) -> None:
        """Settle the entry if everything it produced is done."""
        self._guarded(lease, lambda: self._dispatcher.finish(lease))

    def request_failed(self, failure: TxFailure, lease: Lease) -> AsyncIterator[Any] | None:
        """Retry, or return what the spider's own errback yields for the final failure."""
        request: Request = failure.request  # type: ignore[attr-defined]
        named = self._retries.judged(self._name(failure, request), slot_of(request))
        if named.reason == Reason.SHUTDOWN.value:
            self._guarded(lease, lambda: self._retries.give_back(lease))
            return None
        if self._guarded(lease, lambda: self._retries.retry(lease, named, slot_of(request))):
            return None
        if lease.kept:
            return None
        # From here on the failure is final, also for what the spider's own errback yields.
        lease.failure = Failure(named.reason, named.detail, counted=named.counted)
        if lease.errback is None:
            lease.finished = True
            self.finish(lease)
            return None
        return _output(lease.errback, failure)

    def _guarded(self, lease: Lease, end: Callable[[], Any]) -> Any:
        try:
            return end()
        except Exception as error:
            lease.kept = True
            self._abort(error)
        finally:
            self._wake()
        return None

    def _name(self, failure: TxFailure, request: Request) -> Failure:
        if isinstance(failure.value, HttpError):
            return classify_status(failure.value.response.status, self._retry_codes)
        assert failure.value is not None
        named = classify_exception(failure.value)
        visited = request.meta.get("redirect_urls", [])
        if named.reason == Reason.REDIRECTS.value and len(set(visited)) < len(visited):
            return Failure(Reason.REDIRECT_LOOP.value, f"{named.detail}, in a loop")
        return named

    # --- signals ---------------------------------------------------------------------------

    def image_recorded(self, record: ImageRecord, entry_id: int) -> None:
        lease = self._dispatcher.lease_by_id(entry_id)
        if lease is None:
            return
        if any(record["sha256"] == other["sha256"] for other in lease.records):
            record["status"] = Outcome.DUPLICATE.value  # of another item of the same response
        lease.records.append(record)

    def item_scraped(self, item: Any, response: Any) -> None:
        self._item_ended(response, None)

    def item_dropped(self, item: Any, response: Any, exception: BaseException) -> None:
        failure = None
        lease = self._lease_behind(response)
        if isinstance(exception, StoreError) and lease is not None:
            lease.kept = True
        if isinstance(exception, LedgerError):
            self._abort(exception)
        if isinstance(exception, ImageRejected):
            failure = classify_body(exception.reason, exception.detail, exception.content_type)
        self._item_ended(response, failure)

    def item_error(self, item: Any, response: Any, failure: TxFailure) -> None:
        lease = self._lease_behind(response)
        if lease is not None and isinstance(item, ImageItem):  # behind its record's back
            _forget(lease.records, item)
        self._item_ended(response, Failure(Reason.PIPELINE_ERROR.value, str(failure.value)))

    def spider_error(self, failure: TxFailure, response: Any) -> None:
        lease = self._lease_behind(response)
        if lease is None:
            return
        lease.failure = Failure(Reason.SPIDER_ERROR.value, str(failure.value)[:300])
        lease.finished = True
        self.finish(lease)

    def _lease_behind(self, source: Any) -> Lease | None:
        """Return the lease behind *source*, a Response or the Failure of a download."""
        return self._dispatcher.lease_of(getattr(source, "request", None))

    def _item_ended(self, source: Any, failure: Failure | None) -> None:
        lease = self._lease_behind(source)
        if lease is None:
            return
        lease.items -= 1
        if failure is not None and lease.failure is None:
            lease.failure = failure
        self.finish(lease)


def _forget(records: list[ImageRecord], item: ImageItem) -> None:
    """Take the record of *item* out of *records*: the last, of several that are alike."""
    alike = [one for one in records if one["sha256"] == item.sha256]
    for one in reversed(alike):
        if one["url"] == item.url:
            records.remove(one)
            alike.remove(one)
            if alike and one["status"] == Outcome.STORED.value:
                alike[0]["status"] = one["status"]
            return


async def _output(errback: Callable[[Any], Any], failure: TxFailure) -> AsyncIterator[Any]:
    """Yield what *errback* makes of *failure*: one that only hands it on has made nothing."""
    try:
        result = errback(failure)
        if isinstance(result, Deferred):
            result = await maybe_deferred_to_future(result)
        elif inspect.isawaitable(result):
            result = await result
        async for one in as_async_generator(iterate_spider_output(result)):
            if not isinstance(one, TxFailure):
                yield one
    except Exception as error:
        if error is not failure.value:
            raise
