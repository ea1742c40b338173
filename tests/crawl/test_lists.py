"""Lists with columns, several lists, and lists that are interrupted: real crawls."""

from __future__ import annotations

import csv
import gzip
import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from imagecrawl.demo.faultserver import FaultServer
from tests.crawl.project import Project, crawl
from tests.crawl.sites import add_images, expected
from tests.crawl.test_restarts import interrupt, refetched
from tests.inputs.writing import FORMATS, delimited


def write_csv(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def test_a_csv_with_captions_and_names(project: Project, server: FaultServer) -> None:
    bodies = list(add_images(server, 4).items())
    server.add("/again.jpg", bodies[0][1])
    (u0, u1, u2, u3), (b0, *_, b3) = zip(*bodies, strict=True)
    again = server.url("/again.jpg")
    rows = [
        ["id", "Image URL", "caption", "path"],
        ["cats/1", u0, 'a "cat",\nasleep', "mine"],
        ["../cats/2.png", u1, "caf\xe9 \u732b", ""],
        ["no", "url"],
        ["cats/1", u2, "", ""],  # another content of the same name
        ["", u3, "no name", ""],
        ["dup", again, "the same content", ""],
        ["bad", "cat.jpg", "", ""],
    ]
    listed = write_csv(project.folder / "list.csv", rows)
    args = crawl("images", urls=listed, name_column="id")
    run = project.run(*args)
    assert run.code == 0, run.log
    records = project.manifest()
    assert records[u0]["caption"] == 'a "cat",\nasleep'
    assert (records[u0]["id"], records[u0]["item_path"]) == ("cats/1", "mine")
    assert records[u1]["caption"] == "caf\xe9 \u732b"
    assert records[u2]["caption"] is None
    assert {records[u0]["status"], records[again]["status"]} == {"stored", "duplicate"}
    (by_content,) = expected([b3])
    digest = records[u2]["sha256"][:8]
    files = {records[url]["path"]: body for url, body in [*bodies, (again, b0)]}
    assert project.files() == files
    names = {records[u0]["path"], records[u2]["path"]}
    assert names in (
        {"full/cats/1.jpg", f"full/cats/1~{digest}.jpg"},
        {"full/cats/1.jpg", f"full/cats/1~{records[u0]['sha256'][:8]}.jpg"},
    )
    assert records[u1]["path"] == "full/__/cats/2.jpg"
    assert records[again]["path"] == "full/dup.jpg"
    assert records[u3]["path"] == by_content
    failed = project.manifest("failed.jsonl")
    assert {one["message"].split(":")[0] for one in failed.values()} == {"line 5", "line 9"}
    assert failed["no,url"]["message"] == "line 5: 2 cells, where the first row has 4"
    assert failed["cat.jpg"]["reason"] == "invalid_url"
    assert "discovered 7 = stored 4 + duplicate 1 + failed 2 (invalid_url 2)" in run.log
    # Fetched again after a kill, it finds its own file.
    assert project.run(*args, "-a", "restart=true").code == 0
    assert project.files() == files


def test_a_job_is_resumed_with_its_columns(project: Project, server: FaultServer) -> None:
    bodies = add_images(server, 3)
    rows = [["page", "photo", "label"], *([f"http://p/{u}", u, "x"] for u in bodies)]
    listed = write_csv(project.folder / "list.csv", rows)
    named = crawl("images", urls=listed, url_column="photo", job="named")
    assert project.run(*named).code == 0
    assert project.files() == expected(bodies.values())
    more = add_images(server, 1, first=3)
    with listed.open("a", encoding="utf-8") as file:
        file.write(f"http://p/,{next(iter(more))},y\n")
    run = project.run(*crawl("images", job="named"))
    assert run.code == 0
    assert project.files() == expected([*bodies.values(), *more.values()])
    assert len(server.hits()) == 4
    assert project.manifest()[next(iter(more))]["label"] == "y"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"urls": "{csv}", "url_column": "nope"}, "no url_column='nope': the columns are id, url"),
        ({"urls": "{csv}", "name_column": "Id"}, "no name_column='Id': the columns are id, url"),
        ({"urls": "{csv},{txt}", "name_column": "x"}, "list.csv': there is no name_column='x'"),
        ({"urls": "{txt}", "url_column": "url"}, "the list has no columns"),
        ({"urls": "{txt},gone.txt"}, "urls='gone.txt' cannot be read: No such file"),
        ({"urls": "{dir}/*.parquet"}, "*.parquet' cannot be read: No such file"),
        ({"start_urls": "http://a.example/", "url_column": "x"}, "url_column= and name_column= go"),
        ({"urls": "{two}"}, "several columns have URLs (a, b): say -a url_column=NAME"),
    ],
)
def test_a_wrong_column_is_one_line_before_the_crawl(
    project: Project, tmp_path: Path, arguments: dict[str, str], says: str
) -> None:
    names = {"dir": tmp_path, "csv": tmp_path / "list.csv", "txt": tmp_path / "list.txt"}
    names["two"] = tmp_path / "two.jsonl"
    names["csv"].write_text("id,url\n1,http://h/\n")
    names["txt"].write_text("http://h/\n")
    names["two"].write_text('{"a": "http://h/1", "b": "http://h/2"}\n')
    run = project.run(*crawl("images", **{k: v.format(**names) for k, v in arguments.items()}))
    assert run.code == 1
    (line,) = run.lines("imagecrawl: error:")
    assert says in line
    assert "Traceback" not in run.log
    assert not project.store.exists()


def test_several_lists_and_one_that_is_cut(project: Project, server: FaultServer) -> None:
    bodies = add_images(server, 9)
    urls = list(bodies)
    cut = delimited([{"url": url, "c": "x"} for url in [*urls[:3], *["x" * 60_000] * 20]])
    (project.folder / "1.csv.gz").write_bytes(gzip.compress(cut)[:-40])
    (project.folder / "2.jsonl").write_text(
        "".join(json.dumps({"src": u}) + "\n" for u in urls[3:5])
    )
    (project.folder / "3.parquet").write_bytes(
        FORMATS["parquet"]([{"URL": url, "n": n} for n, url in enumerate(urls[5:7])])
    )
    server.add("/list", json.dumps(urls[7:]).encode(), content_type="application/json")
    lists = f"{project.folder}/[123].*,{server.url('/list')}"
    run = project.run(*crawl("images", urls=lists))
    assert run.code == 2
    (line,) = run.lines(" ERROR: ")
    assert "1.csv.gz" in line and "cannot be read to its end: it is cut" in line
    assert "Traceback" not in run.log
    assert project.files() == expected(bodies.values())
    assert project.manifest()[urls[6]]["n"] == 1


def test_an_interruption_goes_on_in_the_third_list(project: Project) -> None:
    with FaultServer(latency=0.01) as server:
        bodies = add_images(server, 400)
        urls = list(bodies)
        for number in range(4):
            rows = [{"url": url, "n": number} for url in urls[number * 100 : number * 100 + 100]]
            (project.folder / f"{number}.csv").write_bytes(delimited(rows))
        args = crawl("images", urls=project.folder / "*.csv")
        settings: dict[str, Any] = {"IMAGECRAWL_READ_AHEAD_ENTRIES": 50}
        for how in (signal.SIGTERM, signal.SIGKILL, signal.SIGINT):
            interrupt(project, server, args, how, 90, **settings)
        run = project.run(*args, **settings)
        assert run.code == 0
        assert refetched(server) <= 48
    assert project.files() == expected(bodies.values())
    assert {url: record["n"] for url, record in project.manifest().items()} == {
        url: str(number // 100) for number, url in enumerate(urls)
    }


def test_a_csv_from_standard_input(project: Project, server: FaultServer) -> None:
    bodies = add_images(server, 3)
    data = gzip.compress(delimited([{"n": n, "url": url} for n, url in enumerate(bodies)]))
    process = project.start(*crawl("images", urls="-"), stdin=subprocess.PIPE)
    process.stdin.buffer.write(data)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert [record["n"] for record in project.manifest().values()] == ["0", "1", "2"]
