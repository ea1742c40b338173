"""Which rows does a CSV or TSV list have?"""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagecrawl.errors import ConfigError
from imagecrawl.inputs.rows import LONGEST_ROW
from tests.inputs.writing import bad, rows_of, table_of, urls


def rows(tmp_path: Path, text: str, name: str = "list.csv", **wanted: str):
    return rows_of(table_of(tmp_path / name, text.encode(), **wanted))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "|", "\t"])
def test_separators_and_line_ends(tmp_path, separator, end):
    lines = ["id,URL,caption", "1,http://h/a,cat", '2,http://h/b,"a\n""b"""', ""]
    text = end.join(line.replace(",", separator) for line in lines)
    found = rows(tmp_path, text)
    assert urls(found) == ["http://h/a", "http://h/b"]
    assert found[1].fields == {"id": "2", "caption": 'a\n"b"'}
    assert [row.place for row in found] == [2, 3]


def test_a_list_without_a_header(tmp_path):
    found = rows(tmp_path, "7,http://h/a,cat\n8,http://h/b,dog\n")
    assert urls(found) == ["http://h/a", "http://h/b"]
    assert found[1].fields == {"1": "8", "3": "dog"}
    assert [row.place for row in found] == [1, 2]
    with pytest.raises(ConfigError, match=r"url_column='url': the columns are 1, 2, 3"):
        rows(tmp_path, "7,http://h/a,cat\n", url_column="url")
    two = "http://h/a,http://h/b\n"
    assert urls(rows(tmp_path, two, url_column="2")) == ["http://h/b"]
    with pytest.raises(ConfigError, match=r"several columns have URLs \(1, 2\)"):
        rows(tmp_path, two)


def test_columns_without_a_name_or_with_the_same(tmp_path):
    (row,) = rows(tmp_path, " url ,,x,x\nhttp://h/a,1,2,3\n")
    assert row.fields == {"2": "1", "x": "2", "x4": "3"}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("http://h/bad", "1 cells, where the first row has 2"),
        ("http://h/bad,a,b", "3 cells, where the first row has 2"),
        (",only a caption", "has no URL in 'url'"),
        ('http://h/bad,"not closed', "a quote is not closed"),
        ("x" * (LONGEST_ROW + 9) + ",y", f"longer than {LONGEST_ROW} characters"),
    ],
)
def test_a_malformed_row_is_named_and_the_others_are_read(tmp_path, line, problem):
    text = f'url,caption\nhttp://h/1,"two\nlines"\n\n{line}\nhttp://h/2,x\nhttp://h/3,"y"\n'
    table = table_of(tmp_path / "list.csv", text.encode())
    found = rows_of(table)
    assert urls(found) == ["http://h/1", "http://h/2", "http://h/3"]
    assert bad(found) == [(5, problem)]
    for after in range(len(found) + 1):
        assert rows_of(table, after) == found[after:]


def test_what_others_take_is_taken(tmp_path):
    for cell, caption in (('"a" cat', "a cat"), ('"a" and "b', 'a and "b')):
        found = rows(tmp_path, f'url,caption\nhttp://h/1,{cell}\nhttp://h/2,"x"\n')
        assert [row.fields["caption"] for row in found] == [caption, "x"]
    tsv = 'caption\turl\n"a" cat\thttp://h/1\n"the\thttp://h/2\nx\thttp://h/3\n'
    found = rows(tmp_path, tsv, "list.tsv")
    assert [(row.url, row.fields["caption"]) for row in found] == [
        ("http://h/1", '"a" cat'),
        ("http://h/2", '"the'),
        ("http://h/3", "x"),
    ]


def test_a_quote_that_is_never_closed_costs_one_row_of_many(tmp_path):
    many = "".join(f"http://h/{n},c\n" for n in range(5_000))
    found = rows(tmp_path, f'url,caption\nhttp://h/x,"c\n{many}')
    assert bad(found) == [(2, "a quote is not closed")]
    assert len(urls(found)) == 5_000


def test_a_header_that_cannot_be_read(tmp_path):
    with pytest.raises(OSError, match="line 1, which should name its columns: a quote"):
        rows(tmp_path, 'url,"caption\nhttp://h/1,x\n')


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)


@settings(max_examples=60, deadline=None)
@given(
    cells=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=12),
    separator=st.sampled_from(",;\t"),
    end=st.sampled_from(["\r\n", "\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    cut=st.integers(0, 13),
)
def test_what_the_csv_module_writes_is_read_and_a_cursor_may_be_anywhere(
    cells, separator, end, quoting, cut
):
    text = io.StringIO()
    if end == "\n" and quoting == csv.QUOTE_MINIMAL:
        cells = [(one.replace("\r", ""), other.replace("\r", "")) for one, other in cells]
    writer = csv.writer(text, delimiter=separator, lineterminator=end, quoting=quoting)
    writer.writerow(["a b", "url", "c d"])
    expected = []
    for number, (one, other) in enumerate(cells):
        writer.writerow([one, f"http://h/{number}", other])
        pairs = (("a b", one), ("c d", other))
        expected.append((f"http://h/{number}", {key: value for key, value in pairs if value}))
    with tempfile.TemporaryDirectory() as folder:
        table = table_of(Path(folder) / "list.csv", text.getvalue().encode())
        assert [(row.url, row.fields) for row in rows_of(table)] == expected
        assert [(row.url, row.fields) for row in rows_of(table, cut)] == expected[cut:]
