"""How does a list that lies elsewhere get here? Over real sockets."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from imagecrawl.demo.faultserver import FaultServer, Forever
from imagecrawl.errors import ConfigError
from imagecrawl.inputs.listfile import ListInput
from imagecrawl.inputs.lists import Lists
from imagecrawl.inputs.remote import fetch_list
from imagecrawl.inputs.table import Wanted
from imagecrawl.policies.backoff import Backoff
from tests.inputs.writing import opened, rows_of, urls
from tests.rawserver import RawServer

NO_WAIT = Backoff(0, 0, 0)
BODY = b"http://h/a\nhttp://h/b\n" * 2_000


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "list.txt"


def serve(server: FaultServer, *faults: str) -> str:
    server.add("/list", BODY, content_type="text/plain", faults=faults)
    return server.url("/list")


@pytest.mark.parametrize(
    "faults",
    [
        (),
        ("reset_before", "reset_before"),
        ("close_before",),
        ("status_503", "retry_after_1", "status_500"),
        ("truncate_length", "chunk_cut", "reset_body", "reset_chunked"),
        ("garbage",),
    ],
)
def test_what_passes_is_tried_again(server, path, faults):
    fetch_list(serve(server, *faults), path, "agent/1", NO_WAIT)
    assert path.read_bytes() == BODY
    assert len(server.hits("/list")) == len(faults) + 1
    assert {hit.headers["user-agent"] for hit in server.hits()} == {"agent/1"}


@pytest.mark.parametrize(
    ("fault", "hits", "words"),
    [
        ("status_404", 1, "HTTP status 404"),
        ("status_403", 1, "HTTP status 403"),
        ("status_503", 5, "HTTP status 503"),
        ("reset_before", 5, ""),
        ("truncate_length", 5, ""),
        ("redirect_loop", None, "302"),
    ],
)
def test_what_is_not_to_be_had(server, path, fault, hits, words):
    server.add("/list", BODY, faults=Forever(fault))
    url = server.url("/list")
    with pytest.raises(ConfigError) as caught:
        fetch_list(url, path, "agent", NO_WAIT)
    message = str(caught.value)
    assert message.startswith(f"the list at {url} cannot be read: ")
    assert words in message
    assert "\n" not in message
    assert not message.endswith(": ")
    assert hits in (None, len(server.hits()))
    assert not path.exists()


@pytest.mark.parametrize("fault", ["status_404", "status_503", "truncate_length", "reset_body"])
def test_a_copy_is_used_when_the_list_is_not_to_be_had(server, path, fault):
    path.write_bytes(b"http://h/old\n")
    server.add("/list", BODY, faults=Forever(fault))
    fetch_list(server.url("/list"), path, "agent", NO_WAIT)
    assert path.read_bytes() == b"http://h/old\n"


def test_a_server_that_is_down(server, path):
    url = serve(server)
    server.down()
    with pytest.raises(ConfigError, match="refused"):
        fetch_list(url, path, "agent", NO_WAIT)
    path.write_bytes(b"http://h/old\n")
    fetch_list(url, path, "agent", NO_WAIT)
    assert path.read_bytes() == b"http://h/old\n"


def test_a_list_without_a_length_is_whole_when_the_connection_ends(server, path):
    fetch_list(serve(server, "truncate_nolength"), path, "agent", NO_WAIT)
    assert path.read_bytes() == BODY[: len(BODY) // 2]  # nobody can tell


def test_a_list_that_changed_replaces_the_copy(server, path):
    url = serve(server)
    fetch_list(url, path, "agent", NO_WAIT)
    server.add("/list", b"http://h/new\n")
    fetch_list(url, path, "agent", NO_WAIT)
    assert path.read_bytes() == b"http://h/new\n"


def test_the_copy_is_in_the_jobs_folder(server, tmp_path):
    source = ListInput(serve(server, "reset_before"))
    ((path, *_),) = source.fetch(tmp_path, "agent", NO_WAIT, reread=True)
    assert path.parent == tmp_path
    assert path.read_bytes() == BODY
    other = ListInput(server.url("/list?2"))
    assert other.fetch(tmp_path, "agent", NO_WAIT, reread=True)[0].path != path


def test_a_copy_remembers_as_what_it_was_sent(server, tmp_path):
    server.add("/list?x=1", b"http://h/a,cat\n", content_type="text/csv; charset=utf-8")
    for _ in range(2):
        (table,) = opened(server.url("/list?x=1"), tmp_path)
        assert [(row.url, row.fields) for row in rows_of(table)] == [("http://h/a", {"2": "cat"})]
        server.down()  # the second time the copy is used


def test_the_name_in_the_address_says_more_than_the_server(server, tmp_path):
    for name in ("/a%20b.csv.gz?v=2", "/list.tab"):
        sep = "\t" if "tab" in name else ","
        server.add(name, f"http://h/a{sep}cat\n".encode(), content_type="text/plain")
        (table,) = opened(server.url(name), tmp_path)
        assert urls(rows_of(table)) == ["http://h/a"]
        assert len(table.columns.url or "") == 1


def test_an_empty_remote_list(server, tmp_path):
    server.add("/list", b"")
    with pytest.raises(ConfigError, match="has no line with a URL"):
        Lists(server.url("/list"), Wanted()).tables(tmp_path, "agent", NO_WAIT, reread=True)


class Conditional(ThreadingHTTPServer):
    """Serves one list with validators, and answers 304 to who has it."""

    daemon_threads = True

    def __init__(self, **validators: str) -> None:
        super().__init__(("127.0.0.1", 0), ConditionalHandler)
        self.validators = {name.replace("_", "-"): value for name, value in validators.items()}
        self.body = b"http://h/1\n"
        self.statuses: list[int] = []

    def __enter__(self) -> Conditional:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *args: object) -> None:
        self.shutdown()
        self.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/list"


class ConditionalHandler(BaseHTTPRequestHandler):
    server: Conditional

    def do_GET(self) -> None:
        known = {self.headers.get("If-None-Match"), self.headers.get("If-Modified-Since")} - {None}
        same = bool(known) and known == set(self.server.validators.values())
        self.server.statuses.append(304 if same else 200)
        self.send_response(304 if same else 200)
        for name, value in self.server.validators.items():
            self.send_header(name, value)
        if not same:
            self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        if not same:
            self.wfile.write(self.server.body)

    def log_message(self, *args: object) -> None: ...


@pytest.mark.parametrize(
    "validators",
    [
        {"ETag": '"1"'},
        {"Last_Modified": "Wed, 01 Jul 2026 00:00:00 GMT"},
        {"ETag": 'W/"1"', "Last_Modified": "Wed, 01 Jul 2026 00:00:00 GMT"},
    ],
)
def test_a_list_that_has_not_changed_is_not_fetched_again(path, validators):
    with Conditional(**validators) as server:
        fetch_list(server.url, path, "agent", NO_WAIT)
        before = path.stat().st_mtime_ns
        fetch_list(server.url, path, "agent", NO_WAIT)
        assert server.statuses == [200, 304]
        assert path.stat().st_mtime_ns == before
        server.validators, server.body = {"ETag": '"2"'}, b"http://h/2\n"
        fetch_list(server.url, path, "agent", NO_WAIT)
        assert path.read_bytes() == b"http://h/2\n"
        path.unlink()  # without the copy its validators are worth nothing
        fetch_list(server.url, path, "agent", NO_WAIT)
        assert server.statuses == [200, 304, 200, 200]
        assert path.read_bytes() == b"http://h/2\n"


@pytest.mark.parametrize("content", ["{", "", "\xff", "[1]", "7"])
def test_validators_that_are_damaged(path, content):
    with Conditional(ETag='"1"') as server:
        fetch_list(server.url, path, "agent", NO_WAIT)
        path.with_name(path.name + ".json").write_text(content, encoding="latin-1")
        fetch_list(server.url, path, "agent", NO_WAIT)
        assert server.statuses == [200, 200]


def test_a_part_that_nobody_asked_for_is_no_list(path):
    answers = ["206 Partial Content", "200 OK"]

    def handle(one):
        status = answers.pop(0)
        one.answer(BODY[:1507] if status.startswith("206") else BODY, status)

    with RawServer(handle) as server:
        fetch_list(server.url("/list"), path, "agent", NO_WAIT)
        assert path.read_bytes() == BODY
        assert len(server.asked) == 2
