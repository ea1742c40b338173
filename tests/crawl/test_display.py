"""The live display on terminals of all sorts: what is to be seen on them, and what is left."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from rich.console import Console

from imagecrawl.demo.faultserver import FaultServer, Forever
from imagecrawl.watch.figures import Figures
from imagecrawl.watch.picture import Picture
from tests.crawl.project import ROOT, Project, crawl
from tests.crawl.sites import add_images

if os.name != "posix":
    pytest.skip("pseudo-terminals are POSIX", allow_module_level=True)

from tests.crawl.terminal import Terminal

SLOW = {"CONCURRENT_REQUESTS_PER_DOMAIN": 1, "DOWNLOAD_DELAY": 0.2}


@pytest.fixture
def troubled(project: Project, server: FaultServer) -> Iterator[list[str]]:
    """A list of many images, and of five hosts that want to be left alone."""
    with ExitStack() as stack:
        urls = list(add_images(server, 300))
        for number in range(2, 7):
            host = stack.enter_context(FaultServer(host=f"127.0.0.{number}"))
            host.add("/0.jpg", b"", faults=Forever("retry_after_900"))
            urls.insert(0, host.url("/0.jpg"))
        path = project.folder / "list.txt"
        path.write_text("\n".join(urls))
        yield crawl("images", urls=path, job="watched")


def of_the_display(lines: list[str]) -> list[str]:
    return [line for line in lines if re.search(r"━| images/s| \d+ discovered", line)]


def test_ctrl_c_leaves_nothing_of_it(project: Project, troubled: list[str]) -> None:
    """The terminal echoes ^C in the middle of the display, once for each time it is pressed."""
    command = project.command(*troubled, LOG_LEVEL="ERROR", **SLOW)
    with Terminal(command, ROOT, project.environment()) as term:
        text = term.until_text("5 hosts paused: .* and [2-4] more")
        assert max(map(len, text.splitlines())) < 80
        term.type("\x03")
        assert term.end() == 2
        told = "".join(term.everything())
    assert re.match(r"imagecrawl: the crawl is not done, \d+ images waiting. To go on: ", told)


def test_the_width_is_the_terminals_own(project: Project, troubled: list[str]) -> None:
    command = project.command(*troubled, LOG_LEVEL="ERROR", **SLOW)
    with Terminal(command, ROOT, project.environment(), COLUMNS="200", LINES="90") as term:
        for text in ("5 hosts paused", r"\b[3-9] stored", r"\b[12][0-9] stored"):
            term.until_text(text)
            assert len(of_the_display(term.everything())) == 3


@pytest.mark.parametrize("env", [{"TERM": "unknown"}, {"TTY_COMPATIBLE": "0"}, {"TERM": "dumb"}])
def test_lines_where_there_can_be_no_display(
    project: Project, server: FaultServer, env: dict[str, str]
) -> None:
    (project.folder / "list.txt").write_text("\n".join(add_images(server, 5)))
    args = crawl("images", urls=project.folder / "list.txt")
    command = project.command(*args, LOGSTATS_INTERVAL=0.1, **SLOW)
    with Terminal(command, ROOT, project.environment(), **env) as term:
        assert term.end() == 0
    assert b"\x1b" not in term.raw
    assert re.search(rb" INFO: \d+ stored, 0 failed", term.raw)


@pytest.mark.parametrize("way", ["variable", "setting"])
def test_no_display_where_none_is_wanted(project: Project, server: FaultServer, way: str) -> None:
    (project.folder / "list.txt").write_text("\n".join(add_images(server, 5)))
    off = {"IMAGECRAWL_PROGRESS": "off"}
    settings = {**SLOW, **(off if way == "setting" else {})}
    args = crawl("images", urls=project.folder / "list.txt")
    command = project.command(*args, LOG_LEVEL="ERROR", **settings)
    env = off if way == "variable" else {}
    with Terminal(command, ROOT, project.environment(), **env) as term:
        assert term.end() == 0
    (line,) = term.raw.decode().splitlines()
    assert line.startswith("imagecrawl: done: 5 stored")


def test_lines_where_a_feed_is_on_the_terminal(project: Project, server: FaultServer) -> None:
    (project.folder / "list.txt").write_text("\n".join(add_images(server, 5)))
    args = [*crawl("images", urls=project.folder / "list.txt"), "-O", "-:jsonl"]
    command = project.command(*args, LOG_LEVEL="ERROR", **SLOW)
    with Terminal(command, ROOT, project.environment()) as term:
        assert term.end() == 0
    *feed, last = term.raw.decode().splitlines()
    assert len([json.loads(line)["url"] for line in feed]) == 5
    assert last.startswith("imagecrawl: done")


def test_a_terminal_without_unicode(project: Project, troubled: list[str]) -> None:
    command = project.command(*troubled, LOG_LEVEL="ERROR", **SLOW)
    env = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    with Terminal(command, ROOT, project.environment(), **env) as term:
        term.until_text("5 hosts paused")
        term.until_text(r"\b[3-9] stored")
        assert len([line for line in term.everything() if "job watched" in line]) == 1
    assert term.raw.isascii() and b"\\u" not in term.raw


FIGURES = Figures(
    discovered=305,
    stored=108,
    failed=1,
    other=0,
    waiting=196,
    pages_waiting=0,
    retries_due=5,
    next_retry_secs=62.0,
    paused=tuple((f"shop{n}.example:8080", 12.0) for n in range(12)),
    total=305,
    images_per_sec=71.8,
    bytes_per_sec=12_400_000,
    secs_left=3.0,
)


def drawn(columns: int) -> list[str]:
    """Return the lines of the display on a terminal of *columns*."""
    console = Console(file=io.StringIO(), width=columns, color_system=None, force_terminal=True)
    with console.capture() as captured:
        console.print(Picture(console, "job images-fe9f6d8c6ea9", FIGURES).lines)
    return [line.rstrip() for line in captured.get().splitlines()]


def test_what_is_too_long_for_a_line_is_in_the_next() -> None:
    first, *others = drawn(80)
    assert re.fullmatch("job images-fe9f6d8c6ea9  ━+ +35 %  about 3 s left", first)
    assert others == [
        "108 stored  1 failed  196 waiting  305 discovered",
        "71.8 images/s, 12.4 MB/s, 5 retries due, the next in 1 min 02 s",
        "12 hosts paused: shop0.example:8080 12 s, shop1.example:8080 12 s and 10 more",
        "",
    ]
    assert drawn(40) == [
        "job images-fe9f6…  35 %  about 3 s left",
        "108 stored  1 failed  196 waiting",
        "305 discovered",
        "71.8 images/s, 12.4 MB/s",
        "5 retries due, the next in 1 min 02 s",
        "12 hosts paused: shop0.example:8080 12…",
        "",
    ]
