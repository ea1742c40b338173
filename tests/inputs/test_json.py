"""Which records does a list in JSON or JSON Lines have?"""

from __future__ import annotations

import json

import pytest

from imagecrawl.errors import ConfigError
from imagecrawl.inputs.rows import LONGEST_ROW
from tests.inputs.writing import bad, opened, rows_of, table_of, urls

A, B = {"url": "http://h/a", "n": {"x": [1, None]}}, {"url": "http://h/b"}


def test_malformed_lines_are_named(tmp_path):
    lines = [
        json.dumps(A),
        '{"url": ',
        "",
        "[1]",
        '{"id": 1}',
        "x" * LONGEST_ROW * 2,
        json.dumps(B),
    ]
    table = table_of(tmp_path / "list.jsonl", "\n".join(lines).encode())
    rows = rows_of(table)
    assert urls(rows) == ["http://h/a", "http://h/b"]
    assert rows[0].fields == {"n": {"x": [1]}}
    assert bad(rows) == [
        (2, "Input data was truncated"),
        (4, "neither an object nor a text"),
        (5, "has no 'url'"),
        (6, f"longer than {LONGEST_ROW} characters"),
    ]
    assert [row.number for row in rows_of(table, 4)] == [5, 6, 7]


@pytest.mark.parametrize(
    "value",
    [
        [A, 7, B],
        {"images": [A, 7, B]},
        {"version": [1, 0], "about": {"by": [A]}, "images": [A, 7, B], "errors": []},
    ],
)
def test_the_array_may_be_in_an_object(tmp_path, value):
    for indent in (None, 1):
        data = json.dumps(value, indent=indent).encode()
        rows = rows_of(table_of(tmp_path / "list.json", data))
        assert urls(rows) == ["http://h/a", "http://h/b"]
        assert bad(rows) == [(2, "neither an object nor a text")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            '{"licenses": [{"url": "http://l/"}], "images": [{"url": "http://h/"}]}',
            "licenses, images",
        ),
        ("[", "cut or damaged"),
        ('{"a": }', "cut or damaged"),
        ('[{"url": "http://h/a"}, nonsense]', None),
        ("{}", "no line with a URL"),
        ("[]", "no line with a URL"),
        ('{"a": 1}', "no line with a URL"),
    ],
)
def test_what_is_no_list(tmp_path, text, says):
    path = tmp_path / "list.json"
    path.write_text(text)
    if says is None:  # the rows before the damage are there
        (table,) = opened(str(path), tmp_path)
        rows = table.rows()
        assert next(rows).url == "http://h/a"
        with pytest.raises(OSError, match="cut or damaged"):
            next(rows)
        return
    with pytest.raises(ConfigError, match=says) as caught:
        opened(str(path), tmp_path)
    assert "\n" not in str(caught.value)


def test_an_integer_of_any_size(tmp_path):
    for name in ("list.json", "list.jsonl"):
        data = b'{"url": "http://h/a", "id": 123456789012345678901234567890}'
        data = b"[" + data + b"]" if name == "list.json" else data
        (row,) = rows_of(table_of(tmp_path / name, data))
        assert row.fields == {"id": "123456789012345678901234567890"}


def test_what_python_writes_is_read(tmp_path):
    rows = [
        {"url": f"http://h/{n}", "score": [float("nan"), float("-inf"), 1.5][n % 3]}
        for n in range(9999)
    ]
    rows[7]["text"] = "NaN, and Infinity"
    table = table_of(tmp_path / "list.json", json.dumps(rows).encode())
    found = rows_of(table)
    assert urls(found) == [row["url"] for row in rows]
    assert found[7].fields == {"text": "NaN, and Infinity"}
    assert [row.fields for row in found[:3]] == [{}, {}, {"score": 1.5}]


@pytest.mark.parametrize("open_, close", [("[", "]"), ('{"a": ', "}"), ("[\n  ", "]")])
def test_deep_nesting_is_told_in_one_line(tmp_path, open_, close):
    good = json.dumps({"url": "http://h/a"})
    path = tmp_path / "list.json"
    path.write_text(f"[{good}, {open_ * 100_000}1{close * 100_000}]")
    with pytest.raises((OSError, ConfigError), match="nested too deeply"):
        rows_of(table_of(path, path.read_bytes()))
