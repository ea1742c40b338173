"""Which column has the URLs, and what becomes of the others?"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

from imagecrawl.errors import ConfigError
from imagecrawl.inputs.columns import Columns, choose_columns
from imagecrawl.inputs.plain import plain
from imagecrawl.inputs.rows import BadRow, Record, Row

U = "http://h/a"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({"id": 1, "url": U, "image": U}, "url"),
        ({"TEXT": "x", "URL": U}, "URL"),
        ({"page": U, "Image URL": U}, "Image URL"),
        ({"image": "cat.jpg", "link": U}, "link"),
        ({"image": "no url", "src": "neither"}, "image"),
        ({"caption": "x", "photograph": U}, "photograph"),
        ({"url": b"http://h/a", "x": 1}, "url"),
    ],
)
def test_the_column_is_found(row, column):
    assert choose_columns([row], None, None).url == column


def test_the_columns_of_objects_are_those_of_the_first():
    rows: list[dict[str, Any] | str] = [{"id": 1}, "http://h/", {"id": 2, "photograph": U}]
    assert choose_columns(rows, None, None).url == "photograph"
    assert choose_columns([U], "x", "y") == Columns(None, None)


@pytest.mark.parametrize(
    ("row", "wanted", "says"),
    [
        ({"a": 1, "b": "x"}, (None, None), "none has URLs: say -a url_column=NAME; the columns"),
        ({"a": U, "b": U}, (None, None), "several columns have URLs (a, b): say -a url_column="),
        ({"url": U, "b": 1}, ("URL", None), "there is no url_column='URL': the columns are url, b"),
        ({"url": U, "b": 1}, (None, "c"), "there is no name_column='c': the columns are url, b"),
    ],
)
def test_a_column_that_is_not_there(row, wanted, says):
    with pytest.raises(ConfigError) as caught:
        choose_columns([row], *wanted)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_row():
    columns = Columns("url", "id")
    values = {
        "id": 7,
        "url": f" {U} ",
        "caption": "x",
        "none": None,
        "empty": "",
        "nan": float("nan"),
    }
    assert columns.row(Record(3, 4, values)) == Row(3, 4, U, {"id": 7, "caption": "x"}, "7")
    assert columns.row(Record(3, 4, {"url": U, "id": None})) == Row(3, 4, U, {}, None)
    assert Columns().row(Record(3, 3, f" {U}\n")) == Row(3, 3, U, {}, None)


@pytest.mark.parametrize(
    "values", [{"id": 1}, {"id": 1, "url": None}, {"url": " "}, {"url": [U]}, " "]
)
def test_a_row_without_a_url(values):
    row = Columns("url").row(Record(3, 4, values))
    assert isinstance(row, BadRow)
    assert row[:2] == (3, 4)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": [1, {"b": None}, ""], "c": {}}, {"a": [1]}),
        (2**63, str(2**63)),
        (-(2**63), -(2**63)),
        (True, True),
        (0, 0),
        (b"caf\xc3\xa9", "caf\xe9"),
        (b"\xff\x00", "ff00"),
        (b"\xff" * 1000, None),
        (Decimal("1.50"), 1.5),
        (Decimal("12345678901234567890"), "12345678901234567890"),
        (Decimal("1e400000000"), float("inf")),
        (Decimal("nan"), None),
        (datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc), "2026-01-02T00:00:00Z"),
        (datetime.date(2026, 1, 2), "2026-01-02"),
        (("k", "v"), ["k", "v"]),
    ],
)
def test_plain_values(value, expected):
    assert plain(value) == expected


def test_what_is_nested_without_end_is_left_out():
    value: Any = "deep"
    for _ in range(100_000):
        value = [value]
    assert plain(value) is None
