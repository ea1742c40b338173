"""Which records does a Parquet list have?"""

from __future__ import annotations

import datetime
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from imagecrawl.errors import ConfigError
from tests.inputs.writing import bad, opened, parquet, rows_of, table_of, urls

ROWS = [{"id": n, "url": f"http://h/{n}"} for n in range(2_500)]


def test_going_on_anywhere_in_the_row_groups(tmp_path):
    table = table_of(tmp_path / "list.parquet", parquet(ROWS, row_group_size=700))
    for after in (0, 1, 699, 700, 701, 1_400, 2_499, 2_500):
        rows = rows_of(table, after)
        assert urls(rows) == [row["url"] for row in ROWS[after:]]
        assert [row.number for row in rows] == list(range(after + 1, 2_501))


def test_row_groups_that_have_been_read_are_not_read_again(tmp_path):
    path = tmp_path / "list.parquet"
    table = table_of(path, parquet(ROWS, row_group_size=500, compression="none"))
    data = bytearray(path.read_bytes())
    start = pq.ParquetFile(path).metadata.row_group(0).column(0).data_page_offset
    data[start : start + 30] = b"\xff" * 30
    path.write_bytes(data)
    assert len(rows_of(table, 500)) == 2_000
    with pytest.raises(OSError, match="cut or damaged"):
        rows_of(table)


def test_types(tmp_path):
    utc = datetime.timezone.utc
    columns = {
        "URL": pa.array([b"http://h/a"], pa.binary()),
        "seen": pa.array([1_700_000_000_123_456_789], pa.timestamp("ns", "UTC")),
        "took": pa.array([1_500_000_001], pa.duration("ns")),
        "at": pa.array([1], pa.time64("ns")),
        "price": pa.array([Decimal("1.50")]),
        "day": pa.array([datetime.date(2026, 1, 2)]),
        "box": pa.array([{"x": 1.5, "y": None}]),
        "tags": pa.array([["a", "b"]]),
        "map": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())),
        "none": pa.array([None], pa.string()),
        "kind": pa.array(["cat"]).dictionary_encode(),
        "image": pa.array([b"\xff" * 20_000]),
    }
    pq.write_table(pa.table(columns), tmp_path / "list")
    (row,) = rows_of(table_of(tmp_path / "list", (tmp_path / "list").read_bytes()))
    seen = datetime.datetime.fromtimestamp(1_700_000_000, utc).replace(microsecond=123_456)
    assert row.url == "http://h/a"
    assert row.fields == {
        "seen": seen.isoformat().replace("+00:00", "Z"),
        "took": "PT1.5S",
        "at": "00:00:00",
        "price": 1.5,
        "day": "2026-01-02",
        "box": {"x": 1.5},
        "tags": ["a", "b"],
        "map": [["k", 1]],
        "kind": "cat",
    }


def test_a_value_that_python_cannot_hold_is_one_bad_row(tmp_path):
    far = pa.array([None, 300_000_000_000, 0], pa.timestamp("s"))  # the year 11476
    pq.write_table(
        pa.table({"url": [f"http://h/{n}" for n in range(3)], "far": far}), tmp_path / "list"
    )
    rows = rows_of(table_of(tmp_path / "list", (tmp_path / "list").read_bytes()))
    assert urls(rows) == ["http://h/0", "http://h/2"]
    assert [place for place, _ in bad(rows)] == [2]


@pytest.mark.parametrize("cut", [10, -10])
def test_a_file_that_is_cut_cannot_be_read(tmp_path, cut):
    path = tmp_path / "list.parquet"
    path.write_bytes(parquet(ROWS)[:cut])
    with pytest.raises(ConfigError, match="cut or damaged") as caught:
        opened(str(path), tmp_path)
    assert "\n" not in str(caught.value)


_WITHOUT = """
import sys
sys.modules["pyarrow"] = None
from imagecrawl.inputs.lists import Lists, Wanted
try:
    Lists(sys.argv[1], Wanted()).check()
except ValueError as error:
    print(error)
"""


def test_without_pyarrow_it_says_how_to_install_it(tmp_path):
    path = tmp_path / "list.parquet"
    path.write_bytes(parquet(ROWS))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _WITHOUT, str(path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=True,
        text=True,
    )
    assert "pip install 'imagecrawl[parquet]', or pip install pyarrow" in done.stdout
    assert done.stdout.count("\n") == 1
