"""Hosts that fight back, and a network that is not there."""

from __future__ import annotations

import gzip
import itertools
import threading
import time
from pathlib import Path

import pytest

from imagecrawl.demo.faultserver import FaultServer, Forever
from imagecrawl.demo.gallery import sample_image
from tests.crawl.project import Project, crawl
from tests.crawl.sites import add_images, expected
from tests.rawserver import Asked, RawServer

AGAIN = {"RETRY_TIMES": 1, "IMAGECRAWL_BACKOFF_BASE_SECS": 0.05}


def write_list(project: Project, urls: object) -> Path:
    path = project.folder / "list.txt"
    path.write_text("\n".join(urls))  # type: ignore[arg-type]
    return path


def test_a_ban_is_waited_out_and_the_other_host_is_not_held_up(project: Project) -> None:
    with FaultServer(rate_limit=(4, 6, 4)) as strict, FaultServer() as other:
        bodies = {**add_images(strict, 30), **add_images(other, 100, first=100)}
        run = project.run(
            *crawl("images", urls=write_list(project, bodies)), IMAGECRAWL_BACKOFF_BASE_SECS=1
        )
        assert run.code == 0
        assert project.files() == expected(bodies.values())
        # Requests and connections that the ban has swallowed; stock Scrapy sends dozens.
        used = len({hit.connection for hit in strict.hits() if hit.fault is None})
        assert strict.connections - used <= 12
        assert max(hit.at for hit in other.hits()) < max(hit.at for hit in strict.hits())
        opened = run.lines("is in trouble")
        assert opened
        assert run.lines("answers again")


class Limited:
    """Answers after a while; the first answer of all is a 429 with Retry-After."""

    def __init__(self, secs: float, bodies: dict[str, bytes]) -> None:
        self.secs, self.bodies = secs, bodies
        self.lock = threading.Lock()
        self.begun: float | None = None
        self.gate = threading.Event()

    def __call__(self, asked: Asked) -> None:
        time.sleep(1.0)  # until there are 16 in flight
        with self.lock:
            first, self.begun = self.begun is None, self.begun or time.monotonic()
        if first:
            value = {"Retry_After": f"{self.secs:g}"}
            asked.answer(status="429 Too Many Requests", **value)
            self.gate.set()
        else:
            asked.answer(self.bodies[asked.path], Content_Type="image/jpeg")

    def inside(self, server: RawServer) -> list[float]:
        """When requests came inside the window, in seconds from its beginning."""
        assert self.begun is not None
        after = (asked.at - self.begun for asked in server.asked)
        return [secs for secs in after if 0.02 < secs < self.secs]


@pytest.mark.parametrize("killed", [False, True])
def test_no_request_comes_before_retry_after_is_over(project: Project, killed: bool) -> None:
    bodies = {f"/{n}.jpg": sample_image(n, size=(32, 24)) for n in range(40)}
    limited = Limited(5.0 if killed else 3.0, bodies)
    settings = {"CONCURRENT_REQUESTS_PER_DOMAIN": 16, "AUTOTHROTTLE_START_DELAY": 0.01}
    with RawServer(limited) as server:
        args = crawl("images", urls=write_list(project, map(server.url, bodies)))
        if killed:
            running = project.start(*args, **settings)
            assert limited.gate.wait(30)
            time.sleep(0.3)  # until it has arrived
            running.kill()
            running.communicate()
        run = project.run(*args, **settings)
        assert run.code == 0
        assert project.files() == expected(bodies.values())
        assert len([1 for asked in server.asked if asked.at < limited.begun]) >= 8  # type: ignore[operator]
        assert limited.inside(server) == []


def test_a_redirect_that_asks_to_wait(project: Project) -> None:
    body = sample_image(1)

    def answer(asked: Asked) -> None:
        if asked.path == "/there.jpg":
            asked.answer(body, Content_Type="image/jpeg")
        else:
            asked.answer(status="302 Found", Location="/there.jpg", Retry_After="2")

    with RawServer(answer) as server:
        run = project.run(*crawl("images", urls=write_list(project, [server.url("/here.jpg")])))
        assert run.code == 0
        first, *_, there = server.asked
        assert there.path == "/there.jpg"
        assert there.at - first.at >= 2
        assert len(server.asked) == 3
    assert project.files() == expected([body])


def test_413_is_for_now_if_it_says_until_when(project: Project) -> None:
    body, statuses = sample_image(1), iter(["413 Content Too Large"])

    def answer(asked: Asked) -> None:
        status = next(statuses, None)
        if status:
            asked.answer(status=status, Retry_After="1")
        else:
            asked.answer(body, Content_Type="image/jpeg")

    with RawServer(answer) as server:
        assert project.run(*crawl("images", urls=write_list(project, [server.url("/a")]))).code == 0
    assert project.files() == expected([body])


def test_a_host_that_stays_dead_is_given_up_and_run_again_by_choice(
    project: Project, server: FaultServer
) -> None:
    bodies = add_images(server, 8)
    urls = list(bodies)
    server.add("/first.jpg", sample_image(77))
    args = crawl("images", urls=write_list(project, [server.url("/first.jpg"), *urls]), job="x")
    settings = {
        "IMAGECRAWL_HOST_GIVE_UP_SECS": 2,
        "IMAGECRAWL_BACKOFF_BASE_SECS": 0.2,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    }
    for url in urls[1:]:
        server.add(url.partition("/")[2].partition("/")[2].partition("/")[2] or "/", b"")
    for number in range(1, 8):
        server.add(f"/{number}.jpg", b"", faults=Forever("close_headers"))
    run = project.run(*args, **settings)
    assert run.code == 0
    assert run.lines("is given up")
    failed = project.manifest("failed.jsonl")
    assert {one["reason"] for one in failed.values()} == {"host_down"}
    assert len(failed) == 7
    for number, body in enumerate(bodies.values()):
        server.add(f"/{number}.jpg", body)
    run = project.run(*args, "-a", "retry_failed=host_down", **settings)
    assert run.code == 0
    assert project.files() == expected([*bodies.values(), sample_image(77)])


@pytest.mark.parametrize("agent", ["*", "Scrapy"])
def test_a_crawl_delay_is_kept(project: Project, server: FaultServer, agent: str) -> None:
    rules = f"User-agent: {agent}\nCrawl-delay: 1\n".encode()
    server.add("/robots.txt", rules, content_type="text/plain")
    bodies = add_images(server, 4)
    tags = "".join(f'<img src="{url}">' for url in bodies)
    server.add("/", f"<html>{tags}</html>".encode(), content_type="text/html")
    run = project.run(*crawl("images", start_urls=server.url("/")))
    assert run.code == 0
    assert project.files() == expected(bodies.values())
    times = [hit.at for hit in server.hits() if hit.path.endswith(".jpg")]
    assert min(late - early for early, late in itertools.pairwise(times)) >= 0.99


def test_a_configured_delay_is_a_floor(project: Project, server: FaultServer) -> None:
    urls = add_images(server, 5)
    slots = f'{{"127.0.0.1:{server.port}": {{"delay": 0.5, "jitter": 0}}}}'
    run = project.run(*crawl("images", urls=write_list(project, urls)), DOWNLOAD_SLOTS=slots)
    assert run.code == 0
    times = [hit.at for hit in server.hits()]
    assert min(late - early for early, late in itertools.pairwise(times)) >= 0.45


def endless(asked: Asked) -> None:
    asked.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\xff")
    while True:
        asked.send(b"\0" * 65_536)


def bomb(asked: Asked) -> None:
    asked.answer(gzip.compress(b"\0" * 20_000_000), Content_Encoding="gzip")


def drip(asked: Asked) -> None:
    asked.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
    while True:
        asked.send(b"\xff")
        time.sleep(0.2)


def headers_without_end(asked: Asked) -> None:
    asked.sock.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        asked.send(b"X-More: and more\r\n" * 100)


def headers_drop_by_drop(asked: Asked) -> None:
    asked.sock.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        asked.send(b"X: y\r\n")
        time.sleep(0.2)


def one_long_header(asked: Asked) -> None:
    asked.sock.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        asked.send(b"y" * 4_096)


def redirects(asked: Asked) -> None:
    asked.answer(status="302 Found", Location=f"{asked.path}x")


def loop(asked: Asked) -> None:
    asked.answer(status="301 Moved", Location="/b" if asked.path == "/a" else "/a")


@pytest.mark.parametrize(
    ("hostile", "reasons"),
    [
        (endless, {"too_large"}),
        (bomb, {"decompression_bomb"}),
        (drip, {"slow"}),
        (headers_without_end, {"headers"}),
        (headers_drop_by_drop, {"timeout"}),
        (one_long_header, {"headers", "lost"}),
        (redirects, {"redirects"}),
        (loop, {"redirect_loop"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_hostile_answers_end_with_their_own_names(
    project: Project, hostile: object, reasons: set[str]
) -> None:
    with RawServer(hostile) as server:  # type: ignore[arg-type]
        run = project.run(
            *crawl("images", urls=write_list(project, [server.url("/a")])),
            **AGAIN,
            DOWNLOAD_MAXSIZE=5_000_000,
            IMAGECRAWL_MIN_RATE_WINDOW_SECS=1,
            timeout=60,
        )
    assert run.code == 0
    (missing,) = project.manifest("failed.jsonl").values()
    assert {missing["reason"]} <= reasons
    assert project.files() == {}


def test_a_slow_but_living_line_succeeds(project: Project) -> None:
    body = sample_image(3, size=(640, 480))

    def slowly(asked: Asked) -> None:
        asked.sock.sendall(
            f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode("ascii")
        )
        for at in range(0, len(body), 1_000):
            asked.send(body[at : at + 1_000])
            time.sleep(0.05)

    with RawServer(slowly) as server:
        run = project.run(
            *crawl("images", urls=write_list(project, [server.url("/a.jpg")])),
            IMAGECRAWL_MIN_RATE_WINDOW_SECS=0.5,
            IMAGECRAWL_STALL_TIMEOUT_SECS=1,
        )
    assert run.code == 0
    assert project.files() == expected([body])


def test_what_is_not_wanted_is_not_downloaded_to_its_end(project: Project) -> None:
    size = 30_000_000
    heads = {
        "/a.jpg": (b"%PDF-1.7\n", "200 OK"),
        "/b.jpg": (b"<html><body>" + b"x" * 9_000, "200 OK"),
        "/c.jpg": (sample_image(1, size=(90, 60)), "200 OK"),
        "/gone.jpg": (b"<html><body>gone" + b"x" * 9_000, "404 Not Found"),
    }

    def answer(asked: Asked) -> None:
        head, status = heads[asked.path]
        kind = "text/html" if head.startswith(b"<") else "image/jpeg"
        asked.sock.sendall(
            f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n\r\n".encode()
        )
        asked.send(head)
        for _ in range(100):
            asked.send(b"\0" * (size // 100))

    with RawServer(answer) as server:
        run = project.run(
            *crawl("images", urls=write_list(project, map(server.url, heads))),
            RETRY_TIMES=0,
            IMAGES_MIN_WIDTH=100,
        )
        assert run.code == 0
        assert sum(asked.sent for asked in server.asked) < size
    missing = project.manifest("failed.jsonl")
    found = {url.rpartition("/")[2]: (one["status"], one["reason"]) for url, one in missing.items()}
    assert found == {
        "a.jpg": ("failed", "not_an_image"),
        "b.jpg": ("failed", "html"),
        "c.jpg": ("filtered", "too_small"),
        "gone.jpg": ("failed", "http_404"),
    }
    assert run.lines("imagecrawl/refused_early/bytes_saved")
