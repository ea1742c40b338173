"""Every format, compressed in every way, is the same rows."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest

from imagecrawl.inputs.formats import Format, list_format
from tests.inputs.writing import COMPRESSIONS, FORMATS, bad, rows_of, table_of, urls

ROWS = [
    {"id": f"n{n}", "url": f"http://h/{n}?a=1,2", "caption": f'a "cat",\n{n}\tcaf\xe9 \u732b'}
    for n in range(50)
]


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("named", [True, False])
def test_the_rows_of_a_list(tmp_path, format_, compression, named):
    data = COMPRESSIONS[compression](FORMATS[format_](ROWS))
    name = f"list.{format_}{compression}" if named else ""
    table = table_of(tmp_path / "copy.txt", data, name)
    assert table.format is Format(format_)
    found = rows_of(table)
    assert [row.number for row in found] == list(range(1, 51))
    expected = [({"id": row["id"], "caption": row["caption"]}, row["url"]) for row in ROWS]
    assert [(row.fields, row.url) for row in found] == expected
    for after in (1, 20, 49, 50, 99):
        assert rows_of(table, after) == found[after:]


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_a_plain_list_in_several_streams(tmp_path, compression):
    compress = COMPRESSIONS[compression]
    data = compress(b"http://h/1\nhttp://h") + compress(b"/2,x\n# http://h/3\n\nhttp://h/4")
    rows = rows_of(table_of(tmp_path / "list.lst", data))
    assert [(row.place, row.url) for row in rows] == [
        (1, "http://h/1"),
        (2, "http://h/2,x"),
        (5, "http://h/4"),
    ]


@pytest.mark.parametrize("compression", [one for one in COMPRESSIONS if one])
@pytest.mark.parametrize("format_", ["csv", "json", "jsonl"])
def test_what_comes_before_a_cut_is_read_and_then_the_cut_is_told(tmp_path, format_, compression):
    rng = random.Random(1)
    rows = [{"url": f"http://h/{n}", "c": rng.randbytes(30).hex()} for n in range(40_000)]
    data = COMPRESSIONS[compression](FORMATS[format_](rows))
    table = table_of(tmp_path / f"list.{format_}", data[: len(data) * 9 // 10])
    found = []
    with pytest.raises(OSError, match="cut"):
        found.extend(filter(None, table.rows()))
    assert urls(found) == [row["url"] for row in rows[: len(found)]]
    assert len(found) > 15_000  # bzip2 has blocks of 900 kB


@pytest.mark.parametrize(
    ("name", "media_type", "data", "format_"),
    [
        ("", "", b"http://h/a,b\nhttp://h/c", Format.TEXT),
        ("x.txt", "", b"url,caption\nhttp://h/c,x", Format.TEXT),
        ("x.txt", "text/csv", b"url,caption\nhttp://h/c,x", Format.TEXT),
        ("", "text/csv; charset=utf-8", b"http://h/a,b\nhttp://h/c,d", Format.CSV),
        ("", "text/tab-separated-values", b"http://h/a\tb", Format.TSV),
        ("", "text/plain", b"url,caption\nhttp://h/c,x", Format.CSV),
        ("", "", b"id;Image URL\n1;http://h/c", Format.CSV),
        ("", "", b"7,http://h/c.jpg,cat", Format.CSV),
        ("", "", b"http://h/a\tcat", Format.TSV),
        ("", "", b"id\turl\n7\thttp://h/a", Format.TSV),
        ("", "", b"no url, and no column\nhttp://h/a", Format.TEXT),
        ("x.CSV.GZ", "", b"anything", Format.CSV),
        ("x.tab", "", b"anything", Format.TSV),
        ("", "", b' [ "http://h/a" ]', Format.JSON),
        ("x.jsonl", "", b'[\n"http://h/a"\n]', Format.JSON),
        ("x.json", "", b'{"url":"http://h/a"}\n{"url":"http://h/b"}', Format.JSON_LINES),
        ("x.json", "", b'{"url":"http://h/a","tags":["x"]}', Format.JSON_LINES),
        ("x.json", "", b'{"images":["http://h/a"]}', Format.JSON),
        ("", "", b'{\n "images": [\n"http://h/a"]}', Format.JSON),
        ("", "", b'{"oops\n{"url":"http://h/b"}', Format.JSON_LINES),
        ("x.ndjson", "", b'oops\n{"url":"http://h/b"}', Format.JSON_LINES),
        ("", "", b'"http://h/a"\n"http://h/b"', Format.JSON_LINES),
        ("", "", b'"http://h/a","cat"\n', Format.CSV),
        ("x.json", "", b"http://h/a\n", Format.TEXT),
        ("", "", b"{host}/a\nhttp://h/a\n", Format.TEXT),
        ("x.csv", "", b"PAR1...", Format.PARQUET),
        ("x.parquet", "", b"http://h/a", Format.TEXT),
        ("", "", b"", Format.TEXT),
    ],
)
def test_the_content_decides_and_the_name_helps(tmp_path, name, media_type, data, format_):
    path = tmp_path / "copy"
    for bytes_ in (data, gzip.compress(data), data.decode().encode("utf-8-sig")):
        if bytes_.startswith(b"\xef\xbb\xbfPAR1"):
            continue
        path.write_bytes(bytes_)
        assert list_format(path, name, media_type) is format_


def test_a_column_that_is_named_tells_a_csv(tmp_path):
    data = b"id,photograph of it\n1,x"
    (tmp_path / "a").write_bytes(data)
    assert list_format(tmp_path / "a") is Format.TEXT
    assert list_format(tmp_path / "a", column="photograph of it") is Format.CSV


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("format_", ["csv", "tsv", "jsonl"])
def test_encodings(tmp_path, format_, encoding):
    rows = [{"url": "http://h/1", "caption": "caf\xe9"}]
    text = FORMATS[format_](rows).decode()
    if format_ == "jsonl":
        text = json.dumps(rows[0], ensure_ascii=False)
    table = table_of(tmp_path / f"list.{format_}", text.encode(encoding))
    (row,) = rows_of(table)
    assert (row.url, row.fields) == ("http://h/1", {"caption": "caf\xe9"})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_of_json(tmp_path, encoding):
    text = json.dumps(["http://h/caf\xe9", "http://h/b"], ensure_ascii=False)
    table = table_of(tmp_path / "list.json", text.encode(encoding))
    assert urls(rows_of(table)) == ["http://h/caf\xe9", "http://h/b"]


def test_rows_without_columns_in_json(tmp_path):
    for name, data in (("a.jsonl", b'"http://h/a"\n7\n""\n'), ("a.json", b'["http://h/a",7,""]')):
        rows = rows_of(table_of(tmp_path / name, data))
        assert urls(rows) == ["http://h/a"]
        assert [place for place, _ in bad(rows)] == [2, 3]


def test_a_damaged_stream_is_unreadable(tmp_path: Path):
    text = "".join(f"http://h/{n**7}\n" for n in range(40_000)).encode()
    for compression, compress in list(COMPRESSIONS.items())[1:]:
        data = bytearray(compress(text))
        data[len(data) // 2 : len(data) // 2 + 9] = b"\xff\x00" * 4 + b"\xff"
        with pytest.raises(OSError, match=r"\w"):
            list(table_of(tmp_path / f"list.txt{compression}", bytes(data)).rows())
