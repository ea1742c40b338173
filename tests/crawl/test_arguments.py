"""Bad input is told in one line, before anything starts."""

from __future__ import annotations

import gzip
import http.server
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from imagecrawl.demo.faultserver import FaultServer
from tests.crawl.project import Project, crawl
from tests.crawl.sites import add_images, expected


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({}, "urls=LIST"),
        ({"urls": "no-such-list.txt"}, "No such file"),
        ({"urls": "{empty}"}, "no line with a URL"),
        ({"urls": "{tmp}"}, "Is a directory"),
        ({"urls": "ftp://example.com/list"}, "ftp://"),
        ({"urls": "{good}", "start_urls": "http://a.example/"}, "exclude each other"),
        ({"start_urls": "example.com/gallery"}, "http"),
        ({"start_urls": "mailto:me@example.com"}, "mailto"),
        ({"start_urls": "http://a.example/", "follow": "all"}, "'none', 'next' or 'site'"),
        ({"start_urls": "http://a.example/", "depth": "2"}, "follow="),
        ({"start_urls": "http://a.example/", "follow": "site", "depth": "two"}, "depth='two'"),
        ({"start_urls": "http://a.example/", "follow": "site", "depth": "-1"}, "depth='-1'"),
        ({"url": "{good}"}, "did you mean urls=?"),
        ({"urls": "{good}", "colour": "red"}, "unknown argument colour="),
        ({"urls": "{good}", "restart": "perhaps"}, "restart='perhaps'"),
        ({"urls": "{good}", "job": "../evil"}, "job='../evil'"),
        ({"job": "unheard-of"}, "no job 'unheard-of'"),
    ],
)
def test_a_bad_argument_is_one_line(
    project: Project, tmp_path: Path, arguments: dict[str, str], says: str
) -> None:
    (tmp_path / "empty").write_text("# nothing\n\n")
    (tmp_path / "good").write_text("http://127.0.0.1:1/a.jpg\n")
    names = {"empty": tmp_path / "empty", "good": tmp_path / "good", "tmp": tmp_path}
    run = project.run(*crawl("images", **{k: v.format(**names) for k, v in arguments.items()}))
    assert run.code == 1
    (line,) = run.lines("imagecrawl: error:")
    assert says in line
    assert "Traceback" not in run.log
    assert not project.store.exists()
    assert not project.jobs.exists() or not list(project.jobs.iterdir())


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"IMAGES_STORE": "{file}"}, "cannot be written"),
        ({"IMAGES_STORE": "/proc/nope"}, "cannot be written"),
        ({"IMAGES_STORE": "s3://bucket/x"}, "s3://bucket/x"),
        ({"IMAGES_STORE": ""}, "IMAGES_STORE"),
        ({"RETRY_TIMES": "many"}, "RETRY_TIMES='many'"),
        ({"IMAGECRAWL_BACKOFF_MAX_SECS": "-1"}, "IMAGECRAWL_BACKOFF_MAX_SECS"),
        ({"CONCURRENT_REQUESTS_PER_DOMAIN": "0"}, "CONCURRENT_REQUESTS_PER_DOMAIN"),
        ({"RETRY_HTTP_CODES": "500,abc"}, "RETRY_HTTP_CODES"),
        ({"IMAGECRAWL_STALL_TIMEOUT_SECS": "0"}, "IMAGECRAWL_STALL_TIMEOUT_SECS"),
        ({"IMAGECRAWL_MAX_PIXELS": "lots"}, "IMAGECRAWL_MAX_PIXELS"),
        ({"FAKEUSERAGENT_PROVIDERS": "no.such.Provider"}, "no.such.Provider"),
        ({"AUTOTHROTTLE_TARGET_CONCURRENCY": "x"}, "AUTOTHROTTLE_TARGET_CONCURRENCY"),
        ({"DOWNLOAD_TIMEOUT": "soon"}, "DOWNLOAD_TIMEOUT"),
    ],
)
def test_a_bad_setting_is_one_line(
    project: Project, server: FaultServer, settings: dict[str, str], says: str
) -> None:
    listed = project.folder / "list.txt"
    listed.write_text("\n".join(add_images(server, 1)))
    values = {k: v.format(file=listed) for k, v in settings.items()}
    run = project.run(*crawl("images", urls=listed), **values)
    assert run.code == 1
    (line,) = run.lines("imagecrawl: error:")
    assert says in line
    assert "Traceback" not in run.log
    assert server.hits() == []


def test_an_unknown_spider_is_one_line(project: Project) -> None:
    run = project.run("crawl", "imagse")
    assert run.code == 1
    (line,) = run.lines("imagecrawl: error:")
    assert "imagse" in line and "images" in line


def test_bad_lines_are_named_and_do_not_stop_the_rest(
    project: Project, server: FaultServer
) -> None:
    bodies = add_images(server, 3)
    first, second, third = bodies
    lines = [
        *("\ufeff# a comment", "", f"  {first}\t", "no url at all", second, second),
        *("ftp://example.com/a.jpg", "http://", f"{third}"),
    ]
    listed = project.folder / "list.txt"
    listed.write_text("\r\n".join(lines), encoding="utf-8")
    run = project.run(*crawl("images", urls=listed))
    assert run.code == 0
    assert project.files() == expected(bodies.values())
    assert [line for line in (4, 7, 8) if f"line {line}:" in run.log] == [4, 7, 8]
    failed = project.manifest("failed.jsonl")
    assert failed["no url at all"]["reason"] == "invalid_url"
    assert failed["ftp://example.com/a.jpg"]["reason"] == "unsupported_scheme"
    assert "line 7" in failed["ftp://example.com/a.jpg"]["message"]
    assert "discovered 6 = stored 3 + duplicate 0 + failed 3" in run.log
    assert len(server.hits()) == 3


def test_a_zipped_list_and_a_file_address(project: Project, server: FaultServer) -> None:
    bodies = add_images(server, 4)
    listed = project.folder / "list.txt.gz"
    listed.write_bytes(gzip.compress("\n".join(bodies).encode()))
    assert project.run(*crawl("images", urls=listed.as_uri())).code == 0
    assert project.files() == expected(bodies.values())


def test_a_list_over_http_that_is_reset_at_first(project: Project, server: FaultServer) -> None:
    bodies = add_images(server, 4)
    text = "\n".join(bodies).encode()
    server.add("/list", text, content_type="text/plain", faults=["reset_body", "status_503"])
    run = project.run(*crawl("images", urls=server.url("/list")))
    assert run.code == 0
    assert project.files() == expected(bodies.values())
    # While the server is away, the copy of the list serves.
    server.add("/list", b"", status=404)
    assert project.run(*crawl("images", urls=server.url("/list"))).code == 0
    gone = project.run(*crawl("images", urls=server.url("/other-list")))
    assert gone.code == 1
    assert "404" in gone.lines("imagecrawl: error:")[0]


def test_a_full_disk_stops_the_crawl_and_harms_nothing(
    project: Project, server: FaultServer
) -> None:
    bodies = add_images(server, 30)
    listed = project.folder / "list.txt"
    listed.write_text("\n".join(bodies))
    # A file stands where the folder of the images must go: nothing can be written.
    project.store.mkdir()
    (project.store / "full").write_text("in the way")
    run = project.run(*crawl("images", urls=listed))
    assert run.code == 2
    assert "cannot be written" in run.log and "Traceback" not in run.log
    (project.store / "full").unlink()
    assert project.run(*crawl("images", urls=listed)).code == 0
    assert project.files() == expected(bodies.values())


def test_an_exception_in_start_is_exit_code_2(project: Project, server: FaultServer) -> None:
    bodies = add_images(server, 2)
    listed = project.folder / "list.txt.gz"
    listed.write_bytes(gzip.compress("\n".join([*bodies, "x" * 5000]).encode())[:-12])
    run = project.run(*crawl("images", urls=listed))
    assert run.code == 2
    assert "cannot be read" in run.log


def test_stock_commands_leave_no_job_behind(project: Project, server: FaultServer) -> None:
    server.add("/page", b"<html><img src=/1.jpg></html>", content_type="text/html")
    fetched = project.run("fetch", "--nolog", server.url("/page"))
    assert fetched.code == 0
    assert project.run("parse", "--spider=images", server.url("/page")).code == 0
    assert project.run("check").code == 0
    assert project.run("shell", "-c", "response.status", server.url("/page")).code == 0
    assert not project.jobs.exists()


@pytest.fixture
def conditional(tmp_path: Path) -> Any:
    folder = tmp_path / "served"
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(folder))

        def log_message(self, *_: Any) -> None:
            pass

    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    yield folder, f"http://127.0.0.1:{httpd.server_address[1]}"
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def test_a_list_over_http_that_grows(
    project: Project, server: FaultServer, conditional: Any
) -> None:
    folder, base = conditional
    bodies = add_images(server, 5)
    urls = list(bodies)
    (folder / "list.txt").write_text("\n".join(urls[:2]))
    os.utime(folder / "list.txt", (0, 0))  # a server tells of changes by the second
    args = crawl("images", urls=f"{base}/list.txt")
    assert project.run(*args).code == 0
    assert len(project.files()) == 2
    (folder / "list.txt").write_text("\n".join(urls))
    assert project.run(*args).code == 0
    assert project.files() == expected(bodies.values())
    assert len(server.hits()) == 5
