"""Bans that are not spoken as a reset, 429 or 503: each tongue at a host of its own."""

from __future__ import annotations

import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from imagecrawl.demo.gallery import sample_image
from tests.crawl.project import Project
from tests.crawl.sites import expected
from tests.crawl.tongues import PAGE, TONGUES, status
from tests.rawserver import Asked, RawServer

IMAGES = 30


class Ban:
    """A host that gives 15 images, and then for some seconds nothing, whatever is asked for."""

    def __init__(self, host: int, refuse: Callable[[Asked], None], secs: float) -> None:
        self.bodies = {
            f"/{n}.jpg": sample_image(100 * host + n, size=(32, 24)) for n in range(IMAGES)
        }
        self.given: Counter[str] = Counter()
        self.into = 0
        self._refuse = refuse
        self._secs = secs
        self._ends = 0.0
        self._lock = threading.Lock()

    def __call__(self, asked: Asked) -> None:
        if asked.path == "/blocked":
            asked.answer(PAGE, Content_Type="text/html")
            return
        with self._lock:
            if len(self.given) == 15 and not self._ends:
                self._ends = time.monotonic() + self._secs
            banned = time.monotonic() < self._ends
            self.into += banned
            if not banned and "range" not in asked.headers:
                self.given[asked.path] += 1
        time.sleep(0.02)
        if banned:
            self._refuse(asked)
        else:
            kind = "text/html" if asked.path == "/page" else "image/jpeg"
            asked.answer(self.bodies[asked.path], Content_Type=kind)


@pytest.fixture(scope="module")
def banned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, dict[str, Ban]]]:
    project = Project(tmp_path_factory.mktemp("banned"))
    bans = {name: Ban(n, how, 4.0) for n, (name, how) in enumerate(TONGUES.items())}
    with ExitStack() as stack:
        servers = [stack.enter_context(RawServer(ban)) for ban in bans.values()]
        urls = [server.url(f"/{n}.jpg") for n in range(IMAGES) for server in servers]
        project.folder.joinpath("list.txt").write_text("\n".join(urls))
        run = project.run(*project.images(urls=project.folder / "list.txt"))
    assert run.code == 0, run.log[-3000:]
    yield project, bans


def test_every_image_is_had_in_the_end(banned: tuple[Project, dict[str, Ban]]) -> None:
    project, bans = banned
    assert project.files() == expected(
        body for ban in bans.values() for body in ban.bodies.values()
    )


@pytest.mark.parametrize("tongue", TONGUES)
def test_little_is_sent_into_the_ban_and_nothing_fetched_twice(
    banned: tuple[Project, dict[str, Ban]], tongue: str
) -> None:
    ban = banned[1][tongue]
    assert set(ban.given.values()) == {1}
    # What is in flight when it begins, as much again until five are back, and a few probes.
    assert 5 <= ban.into <= 8 + 8 + 8


class Private:
    """A host with a private album: every other answer but that is well."""

    def __init__(self, refuse: Callable[[Asked], None]) -> None:
        self.bodies = {f"/{n}.jpg": sample_image(n, size=(32, 24)) for n in range(20)}
        self.refuse = refuse
        self.asked: Counter[str] = Counter()
        self.first_bytes: list[str] = []

    def __call__(self, asked: Asked) -> None:
        if "range" in asked.headers:
            self.first_bytes.append(asked.path)
        else:
            self.asked[asked.path] += 1
        if asked.path in self.bodies:
            asked.answer(self.bodies[asked.path], Content_Type="image/jpeg")
        else:
            self.refuse(asked)


def crawl_private(project: Project, private: Private) -> None:
    """Crawl ten pictures, the album and ten more: all that can be had is, and the album is not."""
    with RawServer(private) as server:
        names = [*list(private.bodies)[:10], *(f"/private/{n}.jpg" for n in range(40))]
        urls = [server.url(name) for name in (*names, *list(private.bodies)[10:])]
        project.folder.joinpath("list.txt").write_text("\n".join(urls))
        run = project.run(*project.images(urls=project.folder / "list.txt"))
    assert run.code == 0, run.log[-3000:]
    assert project.files() == expected(private.bodies.values())
    failed = project.manifest("failed.jsonl").values()
    assert Counter(one["reason"] for one in failed) == {"http_403": 40}


def test_a_private_album_is_no_ban(project: Project) -> None:
    private = Private(TONGUES["403"])
    crawl_private(project, private)
    given = {path: count for path, count in private.asked.items() if path in private.bodies}
    assert set(given.values()) == {1}
    # The first bytes of one that was given are asked for, a few times, and they say that all is
    # well; only what came back meanwhile is asked for again.
    assert 1 <= len(private.first_bytes) <= 4 and set(private.first_bytes) <= set(private.bodies)
    assert private.asked.total() <= 20 + 40 + 3 * 8


class OneTime(Private):
    """A host with a private album that gives nothing a second time: there is no witness."""

    def __call__(self, asked: Asked) -> None:
        if self.asked[asked.path]:
            self.refuse(asked)
        else:
            super().__call__(asked)


class Often(Private):
    """A host that gives nothing for a moment after each ten images."""

    def __init__(self, refuse: Callable[[Asked], None]) -> None:
        super().__init__(refuse)
        self.given: set[str] = set()
        self.ends = 0.0
        self.lock = threading.Lock()

    def __call__(self, asked: Asked) -> None:
        with self.lock:
            refused = time.monotonic() < self.ends
            if not refused and asked.path in {*self.bodies} - self.given:
                self.given.add(asked.path)
                if len(self.given) % 10 == 0:
                    self.ends = time.monotonic() + 0.7
        time.sleep(0.02)
        if refused:
            self.refuse(asked)
        else:
            super().__call__(asked)


@pytest.mark.parametrize("kind", [OneTime, Often])
def test_nothing_that_could_be_had_is_lost(project: Project, kind: type[Private]) -> None:
    crawl_private(project, kind(TONGUES["403"]))


def test_the_largest_size_comes_back(project: Project) -> None:
    """A picture whose largest size is refused has the next one asked for, until it is a ban."""
    sizes = {f"/{size}/{n}.jpg": n for size in ("large", "small") for n in range(30)}
    bodies = {path: sample_image(n, size=(len(path), 24)) for path, n in sizes.items()}
    pictures = [f"<img srcset='/small/{n}.jpg 40w, /large/{n}.jpg 900w'>" for n in range(30)]
    ban = Ban(0, TONGUES["403"], 3.0)
    ban.bodies = {**bodies, "/page": f"<!doctype html>{''.join(pictures)}".encode()}
    with RawServer(ban) as server:
        args = project.images(start_urls=server.url("/page"))
        run = project.run(*args, ROBOTSTXT_OBEY=False)
    assert run.code == 0, run.log[-3000:]
    stored = {one["url"].removeprefix(server.url("")) for one in project.manifest().values()}
    assert {path for path in bodies if "large" in path} <= stored
    # The sizes that were asked for in the first moments of the ban: nobody else may want them.
    assert len(stored) <= 30 + 16


def test_killed_in_the_first_moments_of_a_ban(project: Project) -> None:
    bodies = {f"/{n}.jpg": sample_image(n, size=(32, 24)) for n in range(12)}
    crawls: list[subprocess.Popen[str]] = []
    refused: set[str] = set()

    def handle(asked: Asked) -> None:
        if not crawls or int(asked.path[1:-4]) < 6:
            asked.answer(bodies[asked.path], Content_Type="image/jpeg")
        elif len(refused) < 3:
            refused.add(asked.path)
            TONGUES["403"](asked)
        else:
            crawls[0].kill()

    with RawServer(handle) as server:
        listed = project.folder / "list.txt"
        listed.write_text("\n".join(map(server.url, bodies)))
        args = project.images(urls=listed)
        crawls.append(project.start(*args, ROBOTSTXT_OBEY=False, CONCURRENT_REQUESTS=1))
        crawls[0].communicate(timeout=60)
        assert len(project.files()) < len(bodies) and len(refused) == 3
        crawls.clear()
        run = project.run(*args, ROBOTSTXT_OBEY=False)
    assert run.code == 0, run.log[-3000:]
    assert "the last 3 failures may have been none" in run.log
    assert project.files() == expected(bodies.values())


@pytest.mark.parametrize("line", ["202 Accepted", "403 Forbidden"])
def test_a_page_that_is_refused_does_not_cost_what_is_behind_it(
    project: Project, line: str
) -> None:
    """The images are on another host, so nothing else is asked of that of the pages."""
    bodies = {f"/{n}.jpg": sample_image(n, size=(32, 24)) for n in range(6)}
    ends = 0.0

    def page(asked: Asked) -> None:
        nonlocal ends
        number = int(asked.path.removeprefix("/page/"))
        if number == 3 and not ends:
            ends = time.monotonic() + 2
        if time.monotonic() < ends:
            status(line)(asked)
            return
        following = f"<a rel=next href=/page/{number + 1}>next</a>" if number < 5 else ""
        html = f"<html><img src={images.url(f'/{number}.jpg')}>{following}</html>"
        asked.answer(html.encode(), Content_Type="text/html")

    def image(asked: Asked) -> None:
        if asked.path in bodies:
            asked.answer(bodies[asked.path], Content_Type="image/jpeg")
        else:
            asked.answer(status="404 Not Found")

    with RawServer(page) as pages, RawServer(image) as images:
        args = project.images(start_urls=pages.url("/page/0"), follow="next")
        run = project.run(*args, ROBOTSTXT_OBEY=False)
    assert run.code == 0, run.log[-3000:]
    assert project.files() == expected(bodies.values())
