"""May half a body be kept, and is this the other half of it?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagecrawl.policies.ranges import (
    Header,
    Representation,
    continues,
    range_headers,
    representation,
)

EARLIER, LATER = "Fri, 20 Nov 2026 08:00:00 GMT", "Sat, 21 Nov 2026 08:00:00 GMT"
ETAG = {"ETag": '"a"', "Content-Length": "1000"}
DATED = {"Last-Modified": EARLIER, "Date": LATER, "Content-Length": "1000"}
KEPT = Representation('"a"', 1000)
REST = {"ETag": '"a"', "Content-Range": "bytes 400-999/1000"}


def header(headers: dict[str, str]) -> Header:
    return headers.get


@pytest.mark.parametrize(
    ("headers", "validator"),
    [
        (ETAG, '"a"'),
        (DATED, EARLIER),
        ({**ETAG, **DATED}, '"a"'),
        ({**DATED, "ETag": 'W/"a"'}, None),
        ({**ETAG, "ETag": '"a", "b"'}, None),
        ({**ETAG, "Accept-Ranges": "bytes"}, '"a"'),
        ({**ETAG, "Content-Encoding": "identity"}, '"a"'),
        ({**ETAG, "ETag": 'W/"a"'}, None),
        ({**ETAG, "ETag": "a"}, None),
        ({**ETAG, "ETag": '"a" "b"'}, None),
        ({**ETAG, "Accept-Ranges": "none"}, None),
        ({**ETAG, "Content-Encoding": "gzip"}, None),
        ({**ETAG, "Content-Length": "1e3"}, None),
        ({"ETag": '"a"'}, None),
        ({**ETAG, "Content-Range": "bytes 0-9/10"}, None),
        ({**DATED, "Date": EARLIER}, None),  # it may change again within that second
        ({"Last-Modified": EARLIER, "Content-Length": "1000"}, None),
        ({**DATED, "Last-Modified": "yesterday"}, None),
    ],
)
def test_what_can_be_resumed(headers: dict[str, str], validator: str | None) -> None:
    found = representation(header(headers))
    assert (found.validator if found else None) == validator


def test_what_is_asked() -> None:
    assert range_headers(KEPT, 400) == {"Range": "bytes=400-", "If-Range": '"a"'}


@pytest.mark.parametrize(
    ("changes", "good"),
    [
        ({}, True),
        ({"Content-Range": "bytes 400-600/1000"}, True),  # less than was asked for
        ({"Content-Range": None}, False),
        ({"Content-Range": "bytes 0-999/1000"}, False),
        ({"Content-Range": "bytes 401-999/1000"}, False),
        ({"Content-Range": "bytes 400-1000/1001"}, False),
        ({"Content-Range": "bytes 400-999/*"}, False),
        ({"Content-Range": "bytes */1000"}, False),
        ({"Content-Range": "bytes 400-1000/1000"}, False),
        ({"Content-Range": "bytes 400-300/1000"}, False),
        ({"ETag": '"b"'}, False),
        ({"ETag": 'W/"a"'}, False),
        ({"ETag": None}, False),
        ({"Content-Encoding": "gzip"}, False),
    ],
)
def test_what_goes_on(changes: dict[str, str | None], good: bool) -> None:
    headers = {k: v for k, v in {**REST, **changes}.items() if v is not None}
    assert continues(KEPT, 400, header(headers)) is good


def test_a_date_is_compared_with_a_date() -> None:
    kept = Representation(EARLIER, 1000)
    assert continues(kept, 400, header({**REST, "Last-Modified": EARLIER}))
    assert not continues(kept, 400, header({**REST, "Last-Modified": LATER}))
    assert not continues(kept, 400, header(REST))


@given(
    st.text(max_size=30),
    st.one_of(st.none(), st.text(max_size=10)),
    st.integers(0, 2_000),
)
def test_on_anything_else_the_answer_is_no(content_range: str, etag: str | None, have: int) -> None:
    headers = {"Content-Range": content_range}
    if etag is not None:
        headers["ETag"] = etag
    if continues(KEPT, have, header(headers)):
        assert etag is not None
        assert etag.strip() == '"a"'
        assert content_range.strip().startswith(f"bytes {have}-")
