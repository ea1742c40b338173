"""What does a client see of each fault? Over real sockets, byte by byte."""

from __future__ import annotations

import contextlib
import http.client
import io
import re
import socket
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator

import pytest
from PIL import Image

from imagecrawl.demo.faults import FAULTS, error_page
from imagecrawl.demo.faultserver import FaultServer, Forever
from imagecrawl.demo.gallery import CONTENT_TYPES, DEAD_LINK, RECOVERING, add_gallery, sample_image

BODY = bytes(range(256)) * 40
HALF = BODY[: len(BODY) // 2]


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


class Client:
    """One raw connection, and all that came over it."""

    def __init__(self, server: FaultServer, timeout: float = 5.0) -> None:
        self.sock = socket.create_connection((server.host, server.port), timeout)
        self.got = b""
        self.end = ""

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *args: object) -> None:
        self.sock.close()

    def send(self, path: str, method: str = "GET", *fields: str) -> None:
        lines = (f"{method} {path} HTTP/1.1", "Host: x", *fields, "", "")
        self.sock.sendall("\r\n".join(lines).encode())

    def read_to_end(self) -> None:
        """Read till the connection ends: with ``fin``, ``reset`` or ``silence``."""
        try:
            while data := self.sock.recv(65536):
                self.got += data
            self.end = "fin"
        except ConnectionResetError:
            self.end = "reset"
        except TimeoutError:
            self.end = "silence"

    def read_answer(self) -> tuple[int, bytes]:
        """One whole answer with a length; the connection stays open."""
        while b"\r\n\r\n" not in self.got:
            self._more()
        head, _, rest = self.got.partition(b"\r\n\r\n")
        match = re.search(rb"Content-Length: (\d+)", head)
        assert match
        length = int(match[1])
        self.got = rest
        while len(self.got) < length:
            self._more()
        body, self.got = self.got[:length], self.got[length:]
        return int(head.split()[1]), body

    def _more(self) -> None:
        data = self.sock.recv(65536)
        assert data, "the connection ended in the middle of an answer"
        self.got += data


def ask(
    server: FaultServer, path: str = "/x", method: str = "GET", *fields: str, timeout: float = 5.0
) -> tuple[bytes, bytes, str]:
    """Head, body, and end of the connection of a request on a new connection."""
    try:
        client = Client(server, timeout)
    except ConnectionResetError:  # a RST at once may be quicker than connect() returns
        return b"", b"", "reset"
    with client:
        # A RST is told but once: what read_to_end() has after a failed send is a plain end.
        try:
            client.send(path, method, *fields)
        except (ConnectionResetError, BrokenPipeError):
            return b"", b"", "reset"
        client.read_to_end()
    head, _, body = client.got.partition(b"\r\n\r\n")
    return head, body, client.end


def ask_whole(server: FaultServer, path: str = "/x", method: str = "GET") -> tuple[int, bytes]:
    """Status and body of an answer which is HTTP."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=5)
    with contextlib.closing(connection):
        connection.request(method, path)
        with connection.getresponse() as response:
            return response.status, response.read()


def until(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.002)


def in_threads(count: int, job: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=job, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# Healthy answers.


def test_healthy(server: FaultServer) -> None:
    server.add("/x", BODY, content_type="image/png", headers={"ETag": '"1"'})
    head, body, end = ask(server, "/x", "GET", "Connection: close")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Content-Type: image/png\r\n" in head
    assert b"Content-Length: %d\r\n" % len(BODY) in head
    assert b'ETag: "1"' in head
    assert b"Connection: close" in head
    assert (body, end) == (BODY, "fin")


def test_unknown_path_is_404(server: FaultServer) -> None:
    status, body = ask_whole(server, "/nothing")
    assert status == 404
    assert b"<h1>404 Not Found</h1>" in body


def test_status_and_query(server: FaultServer) -> None:
    server.add("/x", b"", status=301, headers={"Location": "/y"})
    assert ask_whole(server, "/x?a=b")[0] == 301
    assert [hit.path for hit in server.hits("/x")] == ["/x?a=b"]


def test_keep_alive_reuses_the_connection(server: FaultServer) -> None:
    server.add("/x", BODY)
    with Client(server) as client:
        for _ in range(3):
            client.send("/x")
            assert client.read_answer() == (200, BODY)
        client.send("/nothing")
        assert client.read_answer()[0] == 404
    assert server.connections == 1
    assert [hit.connection for hit in server.hits()] == [1, 1, 1, 1]


def test_pipelined_requests(server: FaultServer) -> None:
    server.add("/x", BODY)
    with Client(server) as client:
        client.send("/x")
        client.send("/x")
        assert client.read_answer() == (200, BODY)
        assert client.read_answer() == (200, BODY)


def test_http_10_is_closed(server: FaultServer) -> None:
    server.add("/x", BODY)
    with Client(server) as client:
        client.sock.sendall(b"GET /x HTTP/1.0\r\n\r\n")
        client.read_to_end()
    assert client.end == "fin"
    assert client.got.endswith(BODY)


def test_head_has_no_body(server: FaultServer) -> None:
    server.add("/x", BODY)
    head, body, end = ask(server, "/x", "HEAD", "Connection: close")
    assert b"Content-Length: %d" % len(BODY) in head
    assert (body, end) == (b"", "fin")


def test_other_methods_are_405(server: FaultServer) -> None:
    server.add("/x", BODY)
    with Client(server) as client:
        client.send("/x", "POST", "Content-Length: 3")
        client.sock.sendall(b"a=b")
        client.read_to_end()
    assert client.got.startswith(b"HTTP/1.1 405 ")
    assert client.end == "fin"


def test_large_body(server: FaultServer) -> None:
    body = BODY * 200
    server.add("/x", body)
    assert ask_whole(server) == (200, body)


# Faults.

CUT = {
    # fault: does the header block promise the length of all, how much comes, how it ends
    "reset_body": (b"Content-Length: %d" % len(BODY), HALF, "reset"),
    "reset_chunked": (b"chunked", b"%x\r\n" % len(BODY) + HALF, "reset"),
    "reset_nolength": (b"Connection: close", HALF, "reset"),
    "truncate_length": (b"Content-Length: %d" % len(BODY), HALF, "fin"),
    "truncate_nolength": (b"Connection: close", HALF, "fin"),
    "chunk_cut": (b"chunked", b"%x\r\n%b\r\n" % (len(HALF), HALF), "fin"),
}


@pytest.mark.parametrize("fault", CUT)
def test_cut_bodies(server: FaultServer, fault: str) -> None:
    field, expected, expected_end = CUT[fault]
    server.add("/x", BODY, faults=[fault])
    head, body, end = ask(server)
    assert head.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg")
    assert field in head
    assert (b"Content-Length" in head) == field.startswith(b"Content-Length")
    assert (body, end) == (expected, expected_end)
    assert ask_whole(server) == (200, BODY)


@pytest.mark.parametrize(
    ("fault", "got", "end"),
    [
        ("reset_before", b"", "reset"),
        ("close_before", b"", "fin"),
        ("reset_headers", b"HTTP/1.1 200 OK\r\nContent-Ty", "reset"),
        ("close_headers", b"HTTP/1.1 200 OK\r\nContent-Ty", "fin"),
    ],
)
def test_cut_before_the_body(server: FaultServer, fault: str, got: bytes, end: str) -> None:
    server.add("/x", BODY, faults=[fault])
    assert ask(server) == (got, b"", end)
    assert ask_whole(server) == (200, BODY)


def test_truncate_lying(server: FaultServer) -> None:
    server.add("/x", BODY, faults=["truncate_lying"])
    assert ask_whole(server) == (200, HALF)
    assert ask_whole(server) == (200, BODY)


@pytest.mark.parametrize(("fault", "expected"), [("stall_before", b""), ("stall_body", HALF)])
def test_stalls(server: FaultServer, fault: str, expected: bytes) -> None:
    server.add("/x", BODY, faults=[fault])
    _, body, end = ask(server, timeout=0.2)
    assert (body, end) == (expected, "silence")
    assert ask_whole(server) == (200, BODY)


def test_drip(server: FaultServer) -> None:
    server.add("/x", b"ab", faults=["drip"])
    with Client(server) as client:
        client.send("/x")
        assert client.read_answer() == (200, b"ab")
    server.add("/y", BODY, faults=["drip"])
    _, body, end = ask(server, "/y", timeout=0.2)
    assert (body, end) == (BODY[:1], "silence")


def test_empty_200(server: FaultServer) -> None:
    server.add("/x", BODY, faults=["empty_200"])
    with Client(server) as client:
        client.send("/x")
        assert client.read_answer() == (200, b"")
        client.send("/x")
        assert client.read_answer() == (200, BODY)


@pytest.mark.parametrize(
    ("fault", "content_type"), [("html_200", b"image/jpeg"), ("html_honest_200", b"text/html")]
)
def test_html(server: FaultServer, fault: str, content_type: bytes) -> None:
    server.add("/x", BODY, faults=[fault])
    head, body, _ = ask(server, "/x", "GET", "Connection: close")
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert b"Content-Type: " + content_type in head
    assert body == error_page(503)


def test_bad_gzip(server: FaultServer) -> None:
    server.add("/x", BODY, faults=["bad_gzip"])
    head, body, _ = ask(server, "/x", "GET", "Connection: close")
    assert b"Content-Encoding: gzip" in head
    assert b"Content-Length: %d" % len(body) in head


@pytest.mark.parametrize("status", [429, 500, 502, 503, 403, 599])
def test_statuses(server: FaultServer, status: int) -> None:
    server.add("/x", BODY, faults=[f"status_{status}"])
    with Client(server) as client:
        client.send("/x")
        assert client.read_answer() == (status, error_page(status))
        client.send("/x")
        assert client.read_answer() == (200, BODY)


def test_retry_after(server: FaultServer) -> None:
    server.add("/x", BODY, faults=["retry_after_7"])
    head, _, _ = ask(server, "/x", "GET", "Connection: close")
    assert head.startswith(b"HTTP/1.1 429 Too Many Requests")
    assert b"\r\nRetry-After: 7\r\n" in head


def test_garbage(server: FaultServer) -> None:
    server.add("/x", BODY, faults=["garbage"])
    with pytest.raises(http.client.BadStatusLine):
        ask_whole(server)


def test_redirect_loop(server: FaultServer) -> None:
    server.add("/x", BODY, faults=Forever("redirect_loop"))
    for _ in range(3):
        head, _, _ = ask(server, "/x", "GET", "Connection: close")
        assert head.startswith(b"HTTP/1.1 302 Found")
        assert b"\r\nLocation: /x\r\n" in head


def test_faults_come_in_turn_and_run_out(server: FaultServer) -> None:
    server.add("/x", BODY, faults=["status_503", "ok", "status_500"])
    assert [ask_whole(server)[0] for _ in range(5)] == [503, 200, 500, 200, 200]
    told = [hit.fault for hit in server.hits("/x")]
    assert told == ["status_503", None, "status_500", None, None]


def test_forever_takes_turns(server: FaultServer) -> None:
    server.add("/x", BODY, faults=Forever("status_503", "status_500"))
    assert [ask_whole(server)[0] for _ in range(5)] == [503, 500, 503, 500, 503]


@pytest.mark.parametrize("name", ["no_such", "status_99", "retry_after_"])
def test_an_unknown_fault_is_told_at_once(server: FaultServer, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        server.add("/x", BODY, faults=[name])


@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_sends_a_body_for_head(server: FaultServer, fault: str) -> None:
    """And none leaves the server unable to answer, or to stop."""
    server.add("/x", BODY, faults=[fault])
    _, body, _ = ask(server, "/x", "HEAD", "Connection: close", timeout=0.2)
    assert body == b""
    assert ask_whole(server) == (200, BODY)


# The connection and the server.


def test_idle_connections_are_closed() -> None:
    with FaultServer(idle_timeout=0.1) as server, Client(server) as client:
        server.add("/x", BODY)
        client.send("/x")
        assert client.read_answer() == (200, BODY)
        client.read_to_end()
        assert (client.got, client.end) == (b"", "fin")


def test_idle_connections_are_reset() -> None:
    with FaultServer(idle_timeout=0.1, drop_idle_with_reset=True) as server:
        server.add("/x", BODY)
        with Client(server) as client:
            client.send("/x")
            assert client.read_answer() == (200, BODY)
            client.read_to_end()
            assert (client.got, client.end) == (b"", "reset")


def test_reset_accepts(server: FaultServer) -> None:
    server.add("/x", BODY)
    server.reset_accepts(2)
    assert [ask(server)[2] for _ in range(2)] == ["reset", "reset"]
    assert ask_whole(server) == (200, BODY)
    assert server.connections == 3
    assert len(server.hits()) == 1


def test_down_and_up(server: FaultServer) -> None:
    server.add("/x", BODY, faults=["stall_body"])
    port = server.port
    with Client(server) as client:
        client.send("/x")
        until(lambda: len(server.hits()) == 1)
        server.down()
        client.read_to_end()
        assert client.end in ("fin", "reset")
    for _ in range(3):
        with pytest.raises(ConnectionRefusedError):
            ask(server)
    server.down()
    server.up()
    server.up()
    assert server.port == port
    assert ask_whole(server) == (200, BODY)


def test_stop_ends_all_threads_and_start_works_again() -> None:
    before = threading.active_count()
    server = FaultServer("127.0.0.2", latency=30)
    with pytest.raises(RuntimeError):
        server.url("/x")
    with server, contextlib.ExitStack() as stack:
        for path in ("/x", "/y", "/z"):
            server.add(path, BODY, faults=["stall_before"])
            stack.enter_context(Client(server)).send(path)
        stack.enter_context(Client(server))  # says nothing
        until(lambda: len(server.hits()) == 3)
        server.stop()
        assert threading.active_count() == before
    server.latency = 0
    url = server.url("/x")
    with server:
        assert server.url("/x") == url == f"http://127.0.0.2:{server.port}/x"
        assert ask_whole(server, "/nothing")[0] == 404
    assert threading.active_count() == before


def test_rate_limit_resets_everything_while_the_ban_lasts() -> None:
    with FaultServer(rate_limit=(0.001, 3, 3600)) as server:
        server.add("/x", BODY, faults=["ok", "ok", "ok", "status_503"])
        with Client(server) as client, Client(server) as other:
            for _ in range(3):
                client.send("/x")
                assert client.read_answer() == (200, BODY)
            client.send("/x")
            client.read_to_end()
            assert (client.got, client.end) == (b"", "reset")
            other.send("/x")
            other.read_to_end()
            assert (other.got, other.end) == (b"", "reset")
        assert ask(server) == (b"", b"", "reset")
        # The second connection may be reset before its request is read.
        assert [hit.fault for hit in server.hits()][:5] in (
            [None] * 3 + ["rate_limit"] * count for count in (1, 2)
        )
        assert (server.bans, server.connections) == (1, 3)


def test_rate_limit_forgives_after_the_ban() -> None:
    with FaultServer(rate_limit=(10, 1, 0.05)) as server:
        server.add("/x", BODY)
        with Client(server) as client:
            client.sock.sendall(b"GET /x HTTP/1.1\r\n\r\n" * 100)
            client.read_to_end()
            assert client.end == "reset"
        assert server.bans == 1
        until(lambda: ask(server, "/x", "GET", "Connection: close")[2] == "fin")


# Accounting.


def test_hits(server: FaultServer) -> None:
    server.add("/x", BODY)
    ask(server, "/x?q=1", "HEAD", "Connection: close", "X-Thing:  a: b ")
    ask_whole(server, "/y")
    first, second = server.hits()
    assert (first.path, first.method, first.fault, first.connection) == ("/x?q=1", "HEAD", None, 1)
    assert first.headers["x-thing"] == "a: b"
    assert (second.path, second.connection) == ("/y", 2)
    assert first.at <= second.at
    assert server.hits("/x") == server.hits("/x?q=1") == [first]


def test_max_concurrent_sees_what_is_answered_at_once(server: FaultServer) -> None:
    server.add("/x", BODY, faults=Forever("stall_before"))
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(Client(server)).send("/x")
        until(lambda: len(server.hits()) == 20)
    assert server.max_concurrent == 20


def test_max_concurrent_is_never_too_much(server: FaultServer) -> None:
    """One at a time, each on a new connection: answered, cut, or given up by the client."""
    faults = ["ok", "stall_body", "reset_body", "truncate_length", "truncate_lying", "status_503"]
    server.add("/x", BODY * 100, faults=Forever(*faults, "garbage", "empty_200"))
    for _ in range(8 * 2):
        with Client(server) as client:
            client.send("/x")
            client.sock.recv(1)
            client.sock.settimeout(0.05)
            client.read_to_end()
    assert len(server.hits()) == 16
    assert server.max_concurrent == 1


def test_max_concurrent_is_never_too_much_for_fast_clients(server: FaultServer) -> None:
    server.add("/x", BODY)

    def client_job(number: int) -> None:
        for _ in range(50):
            with Client(server) as client:
                client.send("/x")
                assert client.read_answer() == (200, BODY)

    in_threads(4, client_job)
    assert len(server.hits()) == server.connections == 200
    assert server.max_concurrent <= 4


def test_hundreds_of_connections() -> None:
    everybody = threading.Barrier(300)
    with FaultServer(latency=0.01) as server:
        server.add("/x", BODY)

        def client_job(number: int) -> None:
            with Client(server, timeout=30) as client:
                everybody.wait()
                for _ in range(3):
                    client.send("/x")
                    assert client.read_answer() == (200, BODY)

        in_threads(300, client_job)
        assert len(server.hits("/x")) == 900
        assert server.connections == 300


# The gallery.


@pytest.mark.parametrize("fmt", [fmt for fmt in CONTENT_TYPES if fmt != "SVG"])
def test_sample_images(fmt: str) -> None:
    images = [sample_image(n, fmt) for n in range(3)]
    assert images == [sample_image(n, fmt) for n in range(3)]
    assert len(set(images)) == 3
    for data in images:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            assert image.format == fmt
            assert image.size == (320, 240) if fmt != "ICO" else max(image.size) > 128


def test_sample_images_are_distinct_and_have_some_size() -> None:
    images = [sample_image(n) for n in range(200)]
    assert len(set(images)) == 200
    assert min(map(len, images)) > 4000
    assert len({sample_image(n, "SVG") for n in range(200)}) == 200
    assert sample_image(1, size=(8, 8)) != sample_image(1, size=(1, 1))


def test_gallery(server: FaultServer) -> None:
    urls = add_gallery(server)
    assert len(set(urls)) == len(urls) == 24
    linked = set()
    page: str | None = "/gallery/1.html"
    while page:
        status, body = ask_whole(server, page)
        assert status == 200
        html = body.decode()
        found = re.findall(r'(?<!-)(?:src|data-src)="([^"]+)"', html)
        found += re.findall(r'data-src="([^"]+)"', html)
        linked |= {urllib.parse.urljoin(server.url(page), link) for link in found}
        follow = re.search(r'<a rel="next" href="([^"]+)"', html)
        page = urllib.parse.urljoin(page, follow[1]) if follow else None
    linked = {link for link in linked if not link.startswith("data:")}
    assert linked == {*urls, server.url(DEAD_LINK)}
    assert ask_whole(server, DEAD_LINK)[0] == 404


def test_every_image_of_the_gallery_recovers(server: FaultServer) -> None:
    for url in add_gallery(server):
        path = urllib.parse.urlsplit(url).path
        ask(server, path, "GET", "Connection: close", timeout=0.1)
        status, body = ask_whole(server, path)
        assert status == 200
        with Image.open(io.BytesIO(body)) as image:
            image.load()
    faults = [hit.fault for hit in server.hits() if hit.fault]
    assert set(faults) == set(RECOVERING)
    assert len(faults) == 12


def test_gallery_without_faults(server: FaultServer) -> None:
    urls = add_gallery(server, pages=1, per_page=2, faults=())
    assert [ask_whole(server, urllib.parse.urlsplit(url).path)[0] for url in urls] == [200, 200]
