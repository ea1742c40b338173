"""Half a file is not thrown away, and never spliced with another."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

import pytest
from PIL import Image

from tests.crawl.project import Project, crawl
from tests.crawl.sites import path_of
from tests.images.samples import chunk
from tests.rawserver import Asked, RawServer

MB = 1024 * 1024
PIECE = MB


def noise(size: int) -> bytes:
    """A PNG of about *size* bytes that does not compress."""
    import io

    side = int((size / 3) ** 0.5)
    out = io.BytesIO()
    picture = Image.frombytes("RGB", (side, side), os.urandom(side * side * 3))
    picture.save(out, "PNG", compress_level=0)
    return out.getvalue()


class Shelf:
    """Serves one body with ranges, *piece* bytes at a time; then the connection is reset."""

    def __init__(self, body: bytes, piece: int | None = PIECE, etag: str = '"one"') -> None:
        self.body, self.piece, self.etag = body, piece, etag
        self.validators: dict[str, str] = {"ETag": etag} if etag else {}
        self.before: Callable[[Asked, int], None] = lambda asked, number: None
        self.if_range = True
        self.wire = 0
        self.count = 0

    def __call__(self, asked: Asked) -> None:
        self.count += 1
        self.before(asked, self.count)
        body, start = self.body, 0
        wanted = re.fullmatch(r"bytes=(\d+)-", asked.headers.get("range", ""))
        asks = asked.headers.get("if-range")
        if wanted and (not self.if_range or asks in self.validators.values()):
            start = int(wanted[1])
            if start >= len(body):
                asked.answer(status="416 Range Not Satisfiable")
                return
        head = {**self.validators, "Content_Length": len(body) - start, "Accept_Ranges": "bytes"}
        status = "200 OK"
        if start:
            status = "206 Partial Content"
            head["Content_Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        end = len(body) if self.piece is None else min(len(body), start + self.piece)
        lines = {"Content_Type": "image/png", **head}
        text = [f"{name.replace('_', '-')}: {value}" for name, value in lines.items()]
        asked.sock.sendall("\r\n".join([f"HTTP/1.1 {status}", *text, "", ""]).encode())
        asked.send(body[start:end])
        self.wire += end - start
        if end < len(body):
            asked.reset()


def fetch(project: Project, shelf: Shelf, **settings: object) -> tuple[dict[str, bytes], str]:
    with RawServer(shelf) as server:
        (project.folder / "list.txt").write_text(server.url("/large.png"))
        run = project.run(*crawl("images", urls=project.folder / "list.txt"), **settings)
    assert run.code == 0
    return project.files(), run.log


@pytest.mark.parametrize(
    "validators",
    [
        {"ETag": '"one"'},
        {"Last_Modified": "Fri, 20 Nov 2026 08:00:00 GMT", "Date": "Sat, 21 Nov 2026 08:00:00 GMT"},
    ],
    ids=["etag", "last-modified"],
)
def test_a_large_body_that_is_reset_again_and_again(project: Project, validators: dict) -> None:
    shelf = Shelf(noise(15 * MB))
    shelf.validators = validators
    # Fifteen pieces: more than RETRY_TIMES, for what brings something is no failure.
    files, _ = fetch(project, shelf, RETRY_TIMES=3)
    assert files == {path_of(shelf.body, "png"): shelf.body}
    assert shelf.wire <= 1.1 * len(shelf.body)
    assert list((project.jobs).glob("*/partials/*")) == []


@pytest.mark.parametrize("honest", [True, False], ids=["if-range", "no-if-range"])
def test_a_file_that_changes_in_between_is_never_spliced(project: Project, honest: bool) -> None:
    old, new = noise(4 * MB), noise(4 * MB)
    shelf = Shelf(old)
    shelf.if_range = honest

    def change(asked: Asked, number: int) -> None:
        if number == 3:
            shelf.body, shelf.validators = new, {"ETag": '"two"'}

    shelf.before = change
    files, _ = fetch(project, shelf)
    assert files == {path_of(new, "png"): new}


def test_a_file_that_has_become_shorter(project: Project) -> None:
    old, new = noise(4 * MB), noise(MB // 2)
    shelf = Shelf(old)
    shelf.if_range = False  # 416: there is no such range

    def change(asked: Asked, number: int) -> None:
        if number == 2:
            shelf.body, shelf.validators = new, {"ETag": '"two"'}

    shelf.before = change
    files, _ = fetch(project, shelf)
    assert files == {path_of(new, "png"): new}


@pytest.mark.parametrize("validators", [{}, {"ETag": 'W/"weak"'}], ids=["none", "weak"])
def test_what_cannot_be_told_apart_is_fetched_again(project: Project, validators: dict) -> None:
    shelf = Shelf(noise(3 * MB))
    shelf.validators = validators

    def mend(asked: Asked, number: int) -> None:
        assert "range" not in asked.headers
        if number == 3:
            shelf.piece = None

    shelf.before = mend
    files, _ = fetch(project, shelf)
    assert files == {path_of(shelf.body, "png"): shelf.body}


def test_the_kept_half_outlives_the_process(project: Project) -> None:
    shelf = Shelf(noise(6 * MB), 4 * MB)
    with RawServer(shelf) as server:
        (project.folder / "list.txt").write_text(server.url("/large.png"))
        args = crawl("images", urls=project.folder / "list.txt")
        waiting = project.start(*args, IMAGECRAWL_BACKOFF_BASE_SECS=6)
        for line in waiting.stderr:
            if "bytes are kept" in line:
                break
        waiting.kill()
        waiting.communicate()
        assert len(list(project.jobs.glob("*/partials/*.part"))) == 1
        run = project.run(*args, IMAGECRAWL_BACKOFF_BASE_SECS=6, timeout=200)
        assert run.code == 0
    assert project.files() == {path_of(shelf.body, "png"): shelf.body}
    assert shelf.wire <= 1.1 * len(shelf.body)


def test_a_damaged_image_is_not_saved_by_being_resumed(project: Project) -> None:
    whole = noise(3 * MB)
    at = len(whole) // 2
    shelf = Shelf(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    with RawServer(shelf) as server:
        (project.folder / "list.txt").write_text(server.url("/large.png"))
        run = project.run(*crawl("images", urls=project.folder / "list.txt"), RETRY_TIMES=1)
    assert run.code == 0
    assert project.files() == {}
    (missing,) = project.manifest("failed.jsonl").values()
    assert missing["reason"] == "corrupt"
    assert chunk(b"IEND", b"") in whole


def misleading(how: str) -> tuple[Shelf, Callable[[Asked], None]]:
    """A shelf that cuts every answer, and does not really go on where it was cut."""
    shelf = Shelf(noise(3 * MB), piece=2 * MB)

    def answer(asked: Asked) -> None:
        start = int((re.findall(r"\d+", asked.headers.get("range", "")) or [0])[0])
        if how == "ignores":
            asked.headers.pop("range", None)
        elif how == "another etag":
            shelf.validators = {"ETag": f'"{shelf.count}"'}
        elif how == "416" and start:
            shelf.count += 1
            asked.answer(status="416 Range Not Satisfiable")
            return
        elif how == "off by one" and start:
            shelf.count += 1
            head = f"HTTP/1.1 206 Partial Content\r\nETag: {shelf.etag}\r\nContent-Range: bytes "
            head += f"{start + 1}-{3 * MB}/{len(shelf.body)}\r\nContent-Length: 9\r\n\r\n"
            asked.sock.sendall(head.encode())
            asked.reset()
            return
        shelf(asked)

    return shelf, answer


@pytest.mark.parametrize("how", ["ignores", "another etag", "416", "off by one"])
def test_what_makes_no_progress_comes_to_an_end(project: Project, how: str) -> None:
    shelf, answer = misleading(how)
    with RawServer(answer) as server:
        (project.folder / "list.txt").write_text(server.url("/large.png"))
        run = project.run(*crawl("images", urls=project.folder / "list.txt"), RETRY_TIMES=3)
    assert run.code == 0
    assert project.files() == {}
    (failed,) = project.manifest("failed.jsonl").values()
    assert failed["attempts"] == 4
    assert shelf.count <= 12


def test_a_206_that_is_too_long_is_not_joined(project: Project) -> None:
    shelf = Shelf(noise(3 * MB), piece=2 * MB)

    def answer(asked: Asked) -> None:
        start = int((re.findall(r"\d+", asked.headers.get("range", "")) or [0])[0])
        if not start:
            shelf.piece = 2 * MB if not shelf.count else None
            shelf(asked)
            return
        rest = shelf.body[start:] + b"x" * 50
        last = len(shelf.body) - 1
        about = {"ETag": shelf.etag, "Content_Range": f"bytes {start}-{last}/{len(shelf.body)}"}
        asked.answer(rest, status="206 Partial Content", **about)

    with RawServer(answer) as server:
        (project.folder / "list.txt").write_text(server.url("/large.png"))
        run = project.run(*crawl("images", urls=project.folder / "list.txt"))
    assert run.code == 0, run.log[-3000:]
    assert list(project.files().values()) == [shelf.body]
