"""How long does a server ask us to wait?"""

from __future__ import annotations

import math
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagecrawl.policies.retry_after import http_date, retry_after

NOW = datetime(2026, 11, 21, 8, 49, 37, tzinfo=timezone.utc).timestamp()
DATE = "Sat, 21 Nov 2026 08:49:37 GMT"


@pytest.mark.parametrize(
    ("value", "secs"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("0", None),
        ("000", None),
        ("-5", None),
        ("1.5", None),
        ("1e3", None),
        ("9" * 50, None),
        ("٣", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("Sat, 21 Nov 2026 08:50:37 GMT", 60.0),
        ("Saturday, 21-Nov-26 08:50:37 GMT", 60.0),
        ("Sat Nov 21 08:50:37 2026", 60.0),
        (DATE, None),
        ("Fri, 20 Nov 2026 08:49:37 GMT", None),
        ("Sat, 32 Nov 2026 08:49:37 GMT", None),
    ],
)
def test_values(value: str | None, secs: float | None) -> None:
    assert retry_after(value, None, NOW) == secs
    assert retry_after(value, DATE, NOW) == secs


def test_a_date_is_read_by_the_servers_own_clock() -> None:
    assert retry_after("Sat, 21 Nov 2026 08:50:07 GMT", DATE, NOW + 9_999) == 30.0
    assert retry_after("Sat, 21 Nov 2026 08:50:07 GMT", "rubbish", NOW) == 30.0


@given(st.text(max_size=40), st.text(max_size=40))
def test_anything_is_a_wait_or_none(value: str, date: str) -> None:
    secs = retry_after(value, date, NOW)
    assert secs is None or (secs > 0 and math.isfinite(secs))


@given(st.datetimes(datetime(1970, 1, 1), datetime(2069, 12, 31)))
def test_dates_come_back(moment: datetime) -> None:
    moment = moment.replace(microsecond=0, tzinfo=timezone.utc)
    assert http_date(moment.strftime("%a, %d %b %Y %H:%M:%S GMT")) == moment.timestamp()
