"""Hosts whose refusals come in an odd shape: slowly, in part, or for somebody else."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from imagecrawl.demo.gallery import sample_image
from imagecrawl.jobs.folder import PARTIALS
from imagecrawl.policies.ranges import Representation
from imagecrawl.stores.partials import PartialStore
from tests.crawl.project import Project, crawl
from tests.crawl.sites import expected
from tests.rawserver import Asked, RawServer


def write_list(project: Project, urls: object) -> Path:
    path = project.folder / "list.txt"
    path.write_text("\n".join(urls))  # type: ignore[arg-type]
    return path


BODIES = {f"/{n}.jpg": sample_image(n, size=(32, 24)) for n in range(30)}


def ok(asked: Asked) -> None:
    asked.answer(BODIES[asked.path], Content_Type="image/jpeg")


class OneRefusal:
    """Answers the fifth request with 429 and Retry-After: 3, whose body is *cut* or slow."""

    def __init__(self, cut: bool) -> None:
        self.cut = cut
        self.count = 0
        self.lock = threading.Lock()
        self.at = 0.0

    def __call__(self, asked: Asked) -> None:
        time.sleep(0.05)
        with self.lock:
            self.count += 1
            refused = self.count == 5
        if not refused:
            ok(asked)
            return
        head = "HTTP/1.1 429 Too Many\r\nRetry-After: 3\r\nContent-Length: 100\r\n\r\n"
        asked.sock.sendall(head.encode())
        self.at = time.monotonic()
        if self.cut:
            asked.reset()
        else:
            time.sleep(4)
            asked.sock.sendall(b"x" * 100)


@pytest.mark.parametrize("cut", [True, False], ids=["cut", "slow"])
def test_a_429_holds_from_its_headers_on(project: Project, cut: bool) -> None:
    refusal = OneRefusal(cut)
    with RawServer(refusal) as server:
        urls = write_list(project, map(server.url, BODIES))
        run = project.run(*crawl("images", urls=urls), IMAGECRAWL_STALL_TIMEOUT_SECS=10)
        assert run.code == 0, run.log[-3000:]
        inside = [a.at - refusal.at for a in server.asked if 0.15 < a.at - refusal.at < 3]
        assert inside == []
    assert project.files() == expected(BODIES.values())


def test_a_retry_after_without_a_refusal_costs_nothing_but_a_few_requests(
    project: Project,
) -> None:
    def answer(asked: Asked) -> None:
        asked.answer(BODIES[asked.path], Content_Type="image/jpeg", Retry_After="60")

    with RawServer(answer) as server:
        urls = write_list(project, map(server.url, BODIES))
        run = project.run(*crawl("images", urls=urls), CONCURRENT_REQUESTS=2, timeout=30)
        assert run.code == 0, run.log[-3000:]
        assert len(server.asked) <= len(BODIES) + 2  # what was in flight when that was learnt
    assert project.files() == expected(BODIES.values())


class HeadersFirst:
    """Bans for 3 s after the eighth request: headers and a few bytes, then a reset."""

    def __init__(self) -> None:
        self.count = self.into_ban = 0
        self.until = 0.0
        self.lock = threading.Lock()

    def __call__(self, asked: Asked) -> None:
        with self.lock:
            self.count += 1
            if self.count == 8:
                self.until = time.monotonic() + 3
            banned = time.monotonic() < self.until
            self.into_ban += banned
        if not banned:
            ok(asked)
            return
        head = "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: 9999\r\n\r\n"
        asked.sock.sendall(head.encode() + b"\xff\xd8\xff\xe0\x00\x10")
        asked.reset()


def test_a_ban_may_begin_behind_the_headers(project: Project) -> None:
    ban = HeadersFirst()
    with RawServer(ban) as server:
        urls = write_list(project, map(server.url, BODIES))
        run = project.run(*crawl("images", urls=urls), IMAGECRAWL_BACKOFF_BASE_SECS=1)
        assert run.code == 0, run.log[-3000:]
    assert project.files() == expected(BODIES.values())
    assert run.lines("is in trouble")
    # The eight that were in flight, three rounds, and a probe after each pause.
    assert ban.into_ban <= 20


@pytest.mark.parametrize("retries", [0, 10])
def test_each_hop_of_a_redirect_may_ask_to_wait(project: Project, retries: int) -> None:
    hops = {"/a": ("/b", "1"), "/b": ("/1.jpg", "2")}

    def answer(asked: Asked) -> None:
        if asked.path in hops:
            target, secs = hops[asked.path]
            asked.answer(status="302 Found", Location=target, Retry_After=secs)
        else:
            ok(asked)

    with RawServer(answer) as server:
        urls = write_list(project, [server.url("/a")])
        run = project.run(*crawl("images", urls=urls), RETRY_TIMES=retries)
        assert run.code == 0, run.log[-3000:]
        first = {path: next(a.at for a in server.asked if a.path == path) for path in hops}
        (last,) = [a.at for a in server.asked if a.path == "/1.jpg"]
        assert first["/b"] - first["/a"] >= 1 and last - first["/b"] >= 2
    assert project.files() == expected([BODIES["/1.jpg"]])
    (record,) = project.manifest().values()
    assert record["attempts"] == 1


def test_no_probe_runs_out_of_attempts_while_others_wait(project: Project) -> None:
    banned_until = 0.0

    def answer(asked: Asked) -> None:
        nonlocal banned_until
        if not banned_until and asked.path == "/9.jpg":
            banned_until = time.monotonic() + 4
        if time.monotonic() < banned_until:
            asked.reset()
        else:
            ok(asked)

    with RawServer(answer) as server:
        urls = write_list(project, map(server.url, BODIES))
        settings = {"RETRY_TIMES": 3, "IMAGECRAWL_HOST_PAUSE_MAX_SECS": 0.5}
        run = project.run(*crawl("images", urls=urls), **settings)
        assert run.code == 0, run.log[-3000:]
    assert project.files() == expected(BODIES.values())


def test_a_rate_limit_without_a_ban_is_found_and_kept(project: Project) -> None:
    """A quarter of a second a request, four at once; what is too much is answered with 503."""
    lock, tokens, last, refused = threading.Lock(), 4.0, time.monotonic(), 0
    images = [f"/{n % 30}.jpg?{n}" for n in range(100)]

    def answer(asked: Asked) -> None:
        nonlocal tokens, last, refused
        with lock:
            now = time.monotonic()
            tokens, last = min(4.0, tokens + (now - last) * 4), now
            allowed = tokens >= 1
            tokens -= allowed
            refused += not allowed
        if allowed:
            asked.answer(BODIES[asked.path.partition("?")[0]], Content_Type="image/jpeg")
        else:
            asked.answer(b"busy", status="503 Busy")

    with RawServer(answer) as server:
        urls = write_list(project, map(server.url, images))
        run = project.run(*crawl("images", urls=urls))
        assert run.code == 0, run.log[-3000:]
    assert project.files() == expected(BODIES.values())
    assert refused <= len(images)  # it was twice as many, and more for more images


def test_dead_urls_do_not_hold_up_the_others(project: Project) -> None:
    """Three of thirty are always refused with 429; each is asked as often as it may be."""
    dead = [f"/{n}.jpg" for n in (0, 14, 29)]

    def answer(asked: Asked) -> None:
        if asked.path in dead:
            asked.answer(b"no", status="429 Too Many")
        else:
            ok(asked)

    with RawServer(answer) as server:
        urls = write_list(project, map(server.url, BODIES))
        run = project.run(*crawl("images", urls=urls), RETRY_TIMES=4)
        assert run.code == 0, run.log[-3000:]
        assert {path: sum(a.path == path for a in server.asked) for path in dead} == dict.fromkeys(
            dead, 5
        )
    assert project.files() == expected(body for path, body in BODIES.items() if path not in dead)


def test_waiting_for_robots_txt_holds_up_no_other_host(project: Project) -> None:
    """Sixty hosts ask for patience with their robots.txt; one does not."""
    waiting = [f"127.0.1.{n}" for n in range(1, 61)]
    arrived: list[float] = []

    def answer(asked: Asked) -> None:
        host = asked.headers["host"].partition(":")[0]
        if host in waiting and asked.path == "/robots.txt":
            arrived.append(asked.at)
            asked.answer(status="429 Too Many Requests", Retry_After="12")
        elif asked.path == "/robots.txt":
            asked.answer(status="404 Not Found")
        elif asked.path == "/page":
            links = "".join(
                f"<img src=http://{host}:{server.port}/1.jpg>" for host in waiting
            ) + "".join(f"<img src={path}>" for path in BODIES)
            asked.answer(links.encode(), Content_Type="text/html")
        else:
            ok(asked)

    with RawServer(answer, host="0.0.0.0") as server:
        args = crawl("images", start_urls=server.url("/page"), job="robots")
        running = project.start(*args, CLOSESPIDER_TIMEOUT=8)
        running.communicate(timeout=60)
        live = {a.path for a in server.asked if a.headers["host"].startswith("127.0.0.1:")}
        assert set(BODIES) <= live  # all of them, while the others were to be left alone
        assert len(arrived) <= len(waiting)


def test_a_crawl_delay_holds_for_a_second_sending_too(project: Project) -> None:
    seen: list[str] = []

    def answer(asked: Asked) -> None:
        if asked.path == "/robots.txt":
            asked.answer(b"User-agent: *\nCrawl-delay: 1\n", Content_Type="text/plain")
        elif asked.path == "/page":
            links = "".join(f"<img src=/{n}.jpg>" for n in range(4))
            asked.answer(links.encode(), Content_Type="text/html")
        elif asked.path == "/2.jpg" and "/2.jpg" not in seen:
            seen.append(asked.path)
            asked.reset()
        else:
            ok(asked)

    with RawServer(answer) as server:
        run = project.run(*crawl("images", start_urls=server.url("/page")))
        assert run.code == 0, run.log[-3000:]
        times = [a.at for a in server.asked if a.path.endswith(".jpg")]
    assert len(times) == 5
    assert min(b - a for a, b in itertools.pairwise(times)) >= 0.9
    assert project.files() == expected(BODIES[f"/{n}.jpg"] for n in range(4))


def test_a_failure_of_our_own_before_the_sending_blocks_no_host(project: Project) -> None:
    """The probe that is never sent is over, too, and there is another."""
    # Where half a file is kept, all others are looked for, too: by their fingerprint.
    about = Representation('"v"', 1_000)
    half = PartialStore(project.jobs / "j" / PARTIALS, 1_000).begin("ab" * 20, about)
    assert half is not None
    half.write(b"x")
    assert half.commit()
    refused = iter(range(4))

    def answer(asked: Asked) -> None:
        if next(refused, None) is not None:
            asked.reset()
        else:
            ok(asked)

    with RawServer(answer) as server:
        urls = write_list(project, map(server.url, BODIES))
        run = project.run(
            *crawl("images", urls=urls, job="j"),
            REQUEST_FINGERPRINTER_CLASS="tests.crawl.fingerprints.FailsOnce",
            timeout=40,
        )
        assert run.code == 0, run.log[-3000:]
        assert run.lines("the fingerprinter has failed")
    assert project.files() == expected(BODIES.values())


NONSENSE = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Length: 10\r\n\r\n0123456789"


def test_broken_urls_of_several_hosts_hold_nothing_up(project: Project) -> None:
    """What is left in the end are URLs that are reset, before or behind the headers, or answered
    with nonsense: on three hosts, as if the network were down."""
    asked: Counter[str] = Counter()

    def answer(one: Asked) -> None:
        asked[one.path] += 1
        if one.path == "/before":
            one.reset()
        elif one.path == "/behind":
            one.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nGIF89a")
            one.reset()
        elif one.path == "/nonsense":
            one.sock.sendall(NONSENSE)
        else:
            ok(one)

    broken = ("/before", "/behind", "/nonsense")
    hosts = [f"127.0.2.{n}" for n in range(1, 4)]
    with ExitStack() as stack:
        servers = [stack.enter_context(RawServer(answer, host=host)) for host in hosts]
        urls = [server.url(path) for path in (*broken, *BODIES) for server in servers]
        run = project.run(*crawl("images", urls=write_list(project, urls)), RETRY_TIMES=3)
    assert run.code == 0, run.log[-3000:]
    assert project.files() == expected(BODIES.values())
    failed = project.manifest("failed.jsonl").values()
    assert Counter(one["reason"] for one in failed) == {"reset": 6, "protocol": 3}
    # Four attempts, and some that a brief outage seems to have cost.
    assert all(3 * 4 <= asked[path] <= 3 * 8 for path in broken), asked


def test_a_host_that_bears_one_connection_at_a_time(project: Project) -> None:
    """Idle connections count: what is kept open would keep everything else out."""
    with RawServer(ok, most=1) as server:
        urls = write_list(project, map(server.url, BODIES))
        run = project.run(*crawl("images", urls=urls))
    assert run.code == 0, run.log[-3000:]
    assert project.files() == expected(BODIES.values())
    assert server.refused <= len(BODIES)
