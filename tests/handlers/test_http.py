"""How is a request sent, and how long may it be silent? Against a real server."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from imagecrawl.demo.faultserver import FaultServer, Forever
from tests.rawserver import Asked, RawServer

BODY = b"0123456789" * 2_000
ONE_AT_A_TIME = {"CONCURRENT_REQUESTS": 1}


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as server:
        server.add("/ok", BODY)
        yield server


def crawl(urls: list[tuple[str, dict[str, Any]]], **plan: Any) -> dict[str, list[str]]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.handlers.crawl"],
        cwd=Path(__file__).parents[2],
        input=json.dumps({"urls": urls, **plan}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@contextmanager
def no_tls() -> Iterator[int]:
    """The port of a server that answers a TLS handshake with something else."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


FAULTS = {
    "reset_before": "reset",
    "reset_headers": "reset",
    "reset_body": "reset",
    "reset_chunked": "reset",
    "close_before": "lost",
    "close_headers": "lost",
    "truncate_length": "truncated",
    "chunk_cut": "truncated",
    "garbage": "protocol",
    "bad_gzip": "encoding",
    "redirect_loop": "redirects",
    "status_503": "http_503",
    "stall_before": "timeout",
    "stall_body": "timeout",
}


def test_the_names_of_what_really_happens(server):
    """The exceptions of ``tests/policies/test_failures.py``, as the network makes them."""
    for fault in FAULTS:
        server.add(f"/{fault}", BODY, faults=Forever(fault))
    with FaultServer() as dead, no_tls() as port:
        dead.down()
        refused, tls = dead.url("/refused"), f"https://127.0.0.1:{port}/tls"
        urls = [server.url(f"/{fault}") for fault in FAULTS]
        results = crawl(
            [(url, {}) for url in (*urls, refused, tls, server.url("/ok"))],
            settings={"IMAGECRAWL_STALL_TIMEOUT_SECS": 1.0},
        )
    found = {url.rpartition("/")[2]: words[0] for url, words in results.items()}
    assert found == {**FAULTS, "refused": "refused", "tls": "tls", "ok": "ok"}
    assert "no byte for 1 s" in results[server.url("/stall_body")][1]


@pytest.mark.parametrize("scheme", ["http:", "https:"])
def test_connections_that_are_reset_as_soon_as_they_are_accepted(server, scheme):
    server.reset_accepts(1_000)
    urls = [server.url(f"/{n}").replace("http:", scheme) for n in range(10)]
    results = crawl([(url, {}) for url in urls])
    assert {words[0] for words in results.values()} == {"reset"}
    assert len(results) == 10


def test_slow_is_not_silent(server):
    """A byte every half second is alive, however long it takes."""
    server.add("/drip", b"abc", faults=["drip"])
    results = crawl([(server.url("/drip"), {})], settings={"IMAGECRAWL_STALL_TIMEOUT_SECS": 1.2})
    assert results == {server.url("/drip"): ["ok", "3"]}


@pytest.mark.parametrize(
    ("of_bytes", "word"), [(17_000, "ok"), (250_000, "ok"), (300_000, "headers")]
)
def test_a_header_line_is_as_long_as_all_headers_may_be(of_bytes, word):
    def answer(asked: Asked) -> None:
        asked.answer(BODY, Content_Security_Policy="a" * of_bytes)

    with RawServer(answer) as raw:
        results = crawl([(raw.url("/1"), {}), (raw.url("/2"), {})], settings=ONE_AT_A_TIME)
    assert [words[0] for words in results.values()] == [word] * 2


CHUNKS = {
    "/space": (b"5 \r\nabcde\r\n", b"0 \r\n\r\n"),
    "/many": (b"5   \t\r\nabcde\r\n", b"0\r\n\r\n"),
    "/extension": (b"5 ;a=b\r\nabcde\r\n", b"0;a=b\r\n\r\n"),
    "/piecemeal": (b"5", b" ", b" \r", b"\nab", b"cde\r", b"\n0 ", b"\r", b"\n\r\n"),
}
NO_CHUNKS = {
    "/inside": (b"0 5\r\nabcde\r\n", b"0\r\n\r\n"),
    "/nothing": (b" \r\nabcde\r\n", b"0\r\n\r\n"),
}


def test_blanks_behind_the_size_of_a_chunk():
    def answer(asked: Asked) -> None:
        asked.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for part in {**CHUNKS, **NO_CHUNKS}[asked.path]:
            asked.send(part)
            time.sleep(0.05)

    with RawServer(answer) as raw:
        results = crawl([(raw.url(path), {}) for path in (*CHUNKS, *NO_CHUNKS)])
        found = {url.removeprefix(raw.url("")): words for url, words in results.items()}
    assert {path: found[path] for path in CHUNKS} == {path: ["ok", "5"] for path in CHUNKS}
    assert {found[path][0] for path in NO_CHUNKS} == {"truncated"}


def test_a_retry_has_a_fresh_connection_to_itself(server):
    server.add("/again", BODY)
    server.add("/last", BODY)
    results = crawl(
        [(server.url("/ok"), {"then": server.url("/last")})],
        settings=ONE_AT_A_TIME,
    )
    results |= crawl(
        [
            (server.url("/ok"), {}),
            (server.url("/again"), {"retry_times": 1}),
        ],
        settings=ONE_AT_A_TIME,
    )
    assert {words[0] for words in results.values()} == {"ok"}
    first, last, second, again = server.hits()
    assert last.connection == first.connection  # kept alive, as ever
    assert again.connection != second.connection
    assert again.headers["connection"] == "close"
    assert second.headers.get("connection") != "close"


def test_the_shutdown_deadline_ends_what_is_under_way_and_lets_nothing_new_begin(server):
    server.add("/stall", BODY, faults=Forever("stall_body"))
    results = crawl(
        [(server.url("/stall"), {"then": server.url("/ok")})],
        deadline=0.3,
        settings={"IMAGECRAWL_STALL_TIMEOUT_SECS": 60.0},
    )
    assert results[server.url("/stall")] == ["shutdown", "the crawl is stopping"]
    assert results[server.url("/ok")][0] == "shutdown"
    assert server.hits("/ok") == []
