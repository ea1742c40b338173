"""A network that is not there for a while."""

from __future__ import annotations

import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from imagecrawl.demo.gallery import sample_image
from tests.crawl.project import Project, crawl
from tests.crawl.sites import expected
from tests.rawserver import Asked, RawServer

BODIES = [sample_image(n, size=(32, 24)) for n in range(90)]
DOWN = "the network seems to be down"
BACK = "the network is back"


def answer(asked: Asked) -> None:
    """One of the images, or no robots.txt."""
    time.sleep(0.1)
    if asked.path == "/robots.txt":
        asked.answer(status="404 Not Found")
    else:
        asked.answer(BODIES[int(asked.path[1:])], Content_Type="image/jpeg")


def wait_for(condition: Callable[[], object], secs: float = 60) -> None:
    end = time.monotonic() + secs
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


class Log:
    """The log of a running crawl, line by line as it comes."""

    def __init__(self, running: Any) -> None:
        self.lines: list[str] = []
        self._stderr = running.stderr
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with self._stderr:
            for line in self._stderr:
                self.lines.append(line)

    def has(self, text: str) -> bool:
        return any(text in line for line in list(self.lines))

    def text(self) -> str:
        """Return all of it, when the crawl has ended."""
        self._reader.join(30)
        return "".join(self.lines)


@contextmanager
def started(project: Project, args: list[str], **settings: Any) -> Iterator[tuple[Any, Log]]:
    running = project.start(*args, **settings)
    log = Log(running)
    try:
        yield running, log
    finally:
        running.kill()
        running.wait()
        running.stdout.close()
        log.text()


@pytest.fixture
def sites() -> Iterator[list[RawServer]]:
    with ExitStack() as stack:
        yield [stack.enter_context(RawServer(answer)) for _ in range(3)]


def served(sites: list[RawServer]) -> int:
    return sum(len(site.asked) for site in sites)


def counted(project: Project) -> int:
    """Return how many attempts in vain are on record: of what was in work again by the time that
    an outage was noticed, which on a busy machine is one or two."""
    return sum(record["attempts"] - 1 for record in project.manifest().values())


def test_the_network_is_down_for_a_while(project: Project, sites: list[RawServer]) -> None:
    listed = project.folder / "list.txt"
    listed.write_text("\n".join(sites[n % 3].url(f"/{n}") for n in range(90)))
    args = crawl("images", urls=listed)
    settings = {"IMAGECRAWL_BACKOFF_BASE_SECS": 0.5, "CONCURRENT_REQUESTS_PER_DOMAIN": 2}
    with started(project, args, **settings) as (running, log):
        wait_for(lambda: served(sites) >= 30)
        for site in sites:
            site.down()
        wait_for(lambda: log.has(DOWN))
        time.sleep(4)
        for site in sites:
            site.up()
        assert running.wait(100) == 0
    assert project.files() == expected(BODIES)
    # An answer that was under way may end the outage for a moment: then it begins again.
    told = re.findall(f"{DOWN}|{BACK}", log.text())
    assert told == [DOWN, BACK] * (len(told) // 2)
    # Asked twice is only what was in flight when the servers went.
    assert served(sites) <= 90 + 3 * 2
    # Not an attempt is counted, of what failed before it was noticed neither.
    assert counted(project) <= 2


def test_a_stop_while_the_network_is_down(project: Project, sites: list[RawServer]) -> None:
    """Also for those that wait for the robots.txt of a site which they know nothing of yet."""
    silent = threading.Event()

    def late(asked: Asked) -> None:
        if asked.path == "/robots.txt" and not silent.is_set():
            silent.wait(60)
        else:
            answer(asked)

    def page(asked: Asked) -> None:
        if asked.path == "/robots.txt":
            asked.answer(status="404 Not Found")
        else:
            urls = [site.url(f"/{n}") for n, site in enumerate([*sites, fourth] * 20)]
            tags = "".join(f"<img src={url}>" for url in urls)
            asked.answer(tags.encode(), Content_Type="text/html")

    with RawServer(late) as fourth, RawServer(page) as start:
        args = crawl("images", start_urls=start.url("/"))
        settings = {
            "CONCURRENT_REQUESTS_PER_DOMAIN": 2,
            "IMAGECRAWL_SHUTDOWN_GRACE_SECS": 1,
            "IMAGECRAWL_STALL_TIMEOUT_SECS": 60,
        }
        with started(project, args, **settings) as (running, log):
            wait_for(lambda: served(sites) >= 15 and fourth.asked)
            for server in (start, *sites):
                server.down()
            wait_for(lambda: log.has(DOWN))
            fourth.down()
            time.sleep(1.5)  # it is asked again, in vain
            running.send_signal(signal.SIGINT)
            assert running.wait(10) == 2
        assert "robots.txt cannot be had" not in log.text()
        assert "was never retrieved" not in log.text()
        assert "Traceback" not in log.text()
        silent.set()
        for server in (start, fourth, *sites):
            server.up()
        run = project.run(*args)
        assert run.code == 0
        # Not one image was asked for before the robots.txt of its site was there.
        asked = [one.path for one in fourth.asked]
        assert "/robots.txt" in asked[1:]
    assert project.files() == expected(BODIES[:80])
    assert counted(project) <= 2
