"""How is the other half of a large body asked for, and joined to the first?"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from scrapy import Request
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from imagecrawl.errors import AttemptFailed
from imagecrawl.outcomes import Reason
from imagecrawl.policies.ranges import continues, range_headers, range_length, representation
from imagecrawl.stores.partials import Partial, PartialStore, PartialWriter

_NO_RANGES = frozenset({400, 405, 412, 416, 501})
_LEAST_PROGRESS = 64 * 1024
"""An attempt that brought less than this has failed like any other."""


class OtherHalfRefused(Exception):
    """The answer does not go with what is kept: it is to be asked for from the start."""


class Resumption:
    """What is kept of one download, before it and during it, under its *fingerprint*."""

    def __init__(
        self,
        store: PartialStore,
        fingerprint: Callable[[Request], bytes],
        min_bytes: int,
        request: Request,
    ) -> None:
        self._store = store
        self._fingerprint = fingerprint
        self._min_bytes = min_bytes
        self._request = request
        self._kept: Partial | None = None
        self._writer: PartialWriter | None = None
        self._asked = False
        self._held = False
        self._expected = 0  # bytes, of the part that is sent

    @cached_property
    def _key(self) -> str:
        # Made when it is needed: it takes longer than all else that is done for a small image.
        return self._fingerprint(self._request).hex()

    def ask(self) -> bool:
        """Ask for the rest only, if a part is kept; return whether one is."""
        if self._request.method != "GET" or "Range" in self._request.headers:
            return False
        if self._store.knows_nothing:
            return False
        self._kept = self._store.hold(self._key)
        if self._kept is not None:
            self._held = True
            wanted = range_headers(self._kept.representation, self._kept.length)
            self._request.headers.update(wanted)
            self._asked = True
        return self._asked

    def headers(self, headers: Headers) -> None:
        """Look at the headers of the answer. Raises :exc:`OtherHalfRefused`."""

        def header(name: str) -> str | None:
            values = headers.getlist(name)  # two that differ are none
            return b", ".join(values).decode("latin-1") if values else None

        if self._kept is not None and header("Content-Range") is not None:
            if not continues(self._kept.representation, self._kept.length, header):
                raise OtherHalfRefused
            self._expected = range_length(header)
            self._writer = self._store.append(self._key, self._kept)
            self._held = self._writer is None
            return
        about = representation(header)
        self._kept = None
        self._let_go()
        if about is not None and about.total >= self._min_bytes and self._request.method == "GET":
            self._writer = self._store.begin(self._key, about)

    def data(self, data: bytes) -> None:
        if self._writer is not None:
            self._writer.write(data)

    def cut(self) -> int:
        """Keep what came of a body that was cut; return how many bytes of progress that is."""
        if self._writer is None:
            return 0
        length, self._writer = self._writer.commit(), None
        had = self._kept.length if self._kept is not None else 0
        gained = min(length - had, self._store.reached(self._key, length))
        return gained if gained >= _LEAST_PROGRESS else 0

    def whole(self, response: Response) -> Response:
        """Return *response*, with what was kept of it before.

        Raises :exc:`AttemptFailed` when that is not all of it yet, and
        :exc:`OtherHalfRefused` when the server does not like the question, or what was kept
        cannot be read.
        """
        if self._asked and response.status in _NO_RANGES:
            raise OtherHalfRefused
        if self._kept is None or response.status != 206:
            if response.status == 200:
                self._finish()
            return response
        total = self._kept.representation.total
        if len(response.body) != self._expected:
            raise OtherHalfRefused  # what is too much, or is missing without an error, is not his
        if self._kept.length + len(response.body) < total:
            progress = self.cut() > 0
            raise AttemptFailed(Reason.TRUNCATED.value, "a part is missing", progress=progress)
        try:
            body = self._kept.read() + response.body
        except OSError as error:  # our disk's doing, and not the host's
            raise OtherHalfRefused from error
        self._finish()
        headers = response.headers.copy()
        headers.pop("Content-Range", None)
        headers["Content-Length"] = str(len(body))
        kind = responsetypes.from_args(headers=headers, url=response.url, body=body[:4096])
        return response.replace(status=200, headers=headers, body=body, flags=[], cls=kind)

    def _finish(self) -> None:
        self.forget()
        if not self._store.knows_nothing:
            self._store.done(self._key)

    def forget(self) -> None:
        """Throw away what is kept: it is not needed any more, or of no use."""
        if self._writer is not None:
            self._writer.discard()
            self._writer = None
        if self._asked:
            self._store.drop(self._key)

    def end(self) -> None:
        """Leave the Request as it was."""
        if self._writer is not None:
            self._writer.discard()
        self._let_go()
        if self._asked:
            self._request.headers.pop("Range", None)
            self._request.headers.pop("If-Range", None)

    def _let_go(self) -> None:
        if self._held:
            self._held = False
            self._store.close(self._key)
