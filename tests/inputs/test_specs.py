"""Which lists does ``urls=`` name?"""

from __future__ import annotations

from pathlib import Path

import pytest

from imagecrawl.errors import ConfigError
from imagecrawl.inputs.lists import Lists
from imagecrawl.inputs.specs import split_lists
from imagecrawl.inputs.table import Wanted
from tests.inputs.writing import bad, opened, rows_of, urls


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub" / "deep").mkdir(parents=True)
    for name in ("a.txt", "b,c.txt", "x[1].txt", "sub/1.csv", "sub/2.csv", "sub/deep/3.csv"):
        text = f"http://h/{name.replace(',', '')}\n"
        (tmp_path / name).write_text(f"url,n\n{text.strip()},1\n" if "csv" in name else text)
    return tmp_path


@pytest.mark.parametrize(
    ("spec", "lists"),
    [
        ("a.txt", ["a.txt"]),
        ("a.txt, sub/1.csv", ["a.txt", "sub/1.csv"]),
        ("b,c.txt", ["b,c.txt"]),
        ("a.txt,b,c.txt,-", ["a.txt", "b,c.txt", "-"]),
        ("missing.txt,gone.txt", ["missing.txt", "gone.txt"]),
        ("http://h/l?ids=1,2,3", ["http://h/l?ids=1,2,3"]),
        ("http://h/l?ids=1,2,a.txt", ["http://h/l?ids=1,2", "a.txt"]),
        ("http://h/1,2,s3://b/k,3", ["http://h/1,2", "s3://b/k,3"]),
        ("http://h/1,b,c.txt,-", ["http://h/1", "b,c.txt", "-"]),
        ("http://h/1,sub/*.csv", ["http://h/1", "sub/*.csv"]),
        ("a.txt,,", ["a.txt"]),
        ("x" * 5_000, ["x" * 5_000]),
    ],
)
def test_commas_separate_lists(here, spec, lists):
    assert split_lists(spec) == lists
    assert split_lists(lists) == lists


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ("sub/*.csv", ["sub/1.csv", "sub/2.csv"]),
        ("**/*.csv", ["sub/1.csv", "sub/2.csv", "sub/deep/3.csv"]),
        ("{here}/sub/?.csv", ["sub/1.csv", "sub/2.csv"]),
        ("file://{here}/sub/*.csv", ["sub/1.csv", "sub/2.csv"]),
        ("x[1].txt", ["x[1].txt"]),
        ("sub/2.csv,sub/*.csv", ["sub/2.csv", "sub/1.csv"]),
        ("a.txt,sub/[13].csv", ["a.txt", "sub/1.csv"]),
    ],
)
def test_patterns(here, spec, found):
    tables = opened(spec.format(here=here), here)
    assert [table.file.source for table in tables] == [str(here / name) for name in found]
    assert [urls(rows_of(table)) for table in tables] == [[f"http://h/{name}"] for name in found]


def test_nothing_matches(here):
    with pytest.raises(ConfigError, match=r"urls='no\*.csv' cannot be read: No such file"):
        opened("no*.csv", here)


def test_an_identity_is_that_of_the_pattern_not_of_what_it_finds(here, monkeypatch):
    lists = Lists("a.txt,sub/*.csv", Wanted())
    before, remembered = lists.identity(), lists.remembered()
    (here / "sub" / "4.csv").write_text("url\nhttp://h/4\n")
    monkeypatch.chdir(here / "sub")
    assert Lists(remembered, Wanted()).identity() == before
    assert len(Lists(remembered, Wanted()).local_tables()) == 4


def test_standard_input_twice():
    with pytest.raises(ConfigError, match="twice"):
        Lists("-,-", Wanted())


def test_one_empty_list_of_several_is_no_error(here, caplog):
    (here / "empty.txt").write_text("# nothing\n")
    assert len(opened("a.txt,empty.txt", here)) == 1
    assert "empty.txt: no line with a URL" in caplog.text
    with pytest.raises(ConfigError, match="has no line with a URL"):
        opened("empty.txt", here)


def test_a_wrong_column_in_any_list_is_told_before_the_crawl(here):
    for wanted in ({"url_column": "nope"}, {"name_column": "nope"}):
        with pytest.raises(ConfigError, match=r"2.csv.*='nope': the columns are url, n$"):
            Lists("a.txt,sub/2.csv", Wanted(**wanted)).check()
        with pytest.raises(ConfigError, match="='nope': the list has no columns"):
            Lists("a.txt", Wanted(**wanted)).check()
    (table, _) = opened("sub/1.csv,a.txt", here, url_column="n")
    assert urls(rows_of(table)) == ["1"]
    assert bad(rows_of(table)) == []


def test_the_signature_changes_with_the_column(here):
    (one,) = opened("sub/1.csv", here)
    (other,) = opened("sub/1.csv", here, url_column="n")
    assert one.signature() == opened("sub/1.csv", here)[0].signature() != other.signature()
