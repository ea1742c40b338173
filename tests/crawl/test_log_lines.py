"""Whatever is logged, and by whom: what may be in a line, and which lines there are."""

from __future__ import annotations

import json
import os
import re

import pytest

from imagecrawl.demo.faultserver import FaultServer, Forever
from tests.crawl.project import ROOT, Project, crawl
from tests.crawl.sites import add_images
from tests.rawserver import Asked, RawServer

BAD = ("\x1b[2J\x1b[H", "\x1b]0;PWN\x07", "\x1b[?25l", "\x9b2J", "A\x0bB\x0cC", "\x1b[1A\x1b[2KNO")
SCRAPYS_BLOCKS = ("Enabled ", "Overridden settings", "Dumping Scrapy stats")
ONCE = {"RETRY_TIMES": 0, "IMAGECRAWL_DOUBTFUL_RETRY_TIMES": 0}


def encoded(asked: Asked) -> None:
    asked.answer(b"xxx", Content_Encoding=BAD[int(asked.path[1:])])


@pytest.fixture
def hostile(project: Project) -> list[str]:
    return crawl("images", urls=project.folder / "list.txt")


@pytest.mark.parametrize("where", ["stderr", "file", "json", "terminal"])
def test_a_server_gives_no_orders_to_a_terminal(
    project: Project, hostile: list[str], where: str
) -> None:
    file = project.folder / "log.txt"
    settings = {**ONCE, "LOG_LEVEL": "DEBUG"}
    settings |= {"file": {"LOG_FILE": file}, "json": {"IMAGECRAWL_LOG_JSON": 1}}.get(where, {})
    with RawServer(encoded) as server:
        urls = [server.url(f"/{n}") for n in range(len(BAD))]
        (project.folder / "list.txt").write_text("\n".join(urls))
        if where == "terminal":
            log = on_terminal(project, hostile, settings)
        else:
            run = project.run(*hostile, **settings)
            assert run.code == 0
            log = file.read_text() if where == "file" else run.log
    assert len(re.findall("unsupported encoding", log)) >= 5, "Scrapy quotes the header"
    assert not re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", log)
    assert "x1b[?25l" in log or "u001b[?25l" in log, "it is readable"


def on_terminal(project: Project, args: list[str], settings: dict[str, object]) -> str:
    if os.name != "posix":
        pytest.skip("pseudo-terminals are POSIX")
    from tests.crawl.terminal import Terminal

    command = project.command(*args, **settings)
    with Terminal(command, ROOT, project.environment()) as term:
        assert term.end() == 0
        text = term.raw.decode()
    assert "PWN" not in re.sub(r"\\x1b\]0;PWN\\x07", "", text)
    assert text.rstrip().splitlines()[-1].startswith("imagecrawl: ")
    # The display's own orders: colours, and lines that are written over.
    return re.sub(r"\x1b\[(\d+(;\d+)*m|2K|1A|\?25[hl])|\r", "", text)


def test_json_whatever_is_logged(project: Project) -> None:
    run = project.run("crawl", "unhandled", SPIDER_MODULES="tests.crawl.spiders")
    assert run.code == 0
    lines = [json.loads(line, parse_constant=pytest.fail) for line in run.log.splitlines()]
    (lost,) = [line for line in lines if "nobody looks" in line.get("exception", "")]
    assert lost["level"] == "CRITICAL"
    (odd,) = [line for line in lines if line["message"] == "odd numbers"]
    assert (odd["wait"], odd["attempt"]) == ("inf", "nan")


def test_json_with_runspider(project: Project) -> None:
    path = ROOT / "tests" / "crawl" / "spiders" / "plain.py"
    run = project.run("runspider", str(path), IMAGECRAWL_LOG_JSON=1)
    assert run.code == 0
    assert [json.loads(line)["level"] for line in run.log.splitlines()]


def test_an_error_that_nobody_handles_is_told_once(project: Project) -> None:
    run = project.run(
        *("crawl", "unhandled"), SPIDER_MODULES="tests.crawl.spiders", IMAGECRAWL_LOG_JSON=0
    )
    assert len(run.lines("ValueError: nobody looks")) == 1


def test_scrapys_own_set_up_is_for_debug(project: Project, server: FaultServer) -> None:
    (project.folder / "list.txt").write_text("\n".join(add_images(server, 3)))
    args = crawl("images", urls=project.folder / "list.txt")

    def blocks(**settings: object) -> list[str]:
        run = project.run(*args, **settings)
        assert run.code == 0
        return [block for block in SCRAPYS_BLOCKS if run.lines(block)]

    assert blocks() == [SCRAPYS_BLOCKS[-1]]
    assert blocks(STATS_DUMP=False) == []
    assert blocks(LOG_LEVEL="DEBUG") == list(SCRAPYS_BLOCKS)
    assert blocks(IMAGECRAWL_LOG_BRIEF=0) == list(SCRAPYS_BLOCKS)


def test_no_advice_that_would_let_half_an_image_in(project: Project, server: FaultServer) -> None:
    (url,) = add_images(server, 1, faults=Forever("truncate_length"))
    (project.folder / "list.txt").write_text(url)
    run = project.run(*crawl("images", urls=project.folder / "list.txt"), RETRY_TIMES=1)
    assert run.lines("truncated") and not run.lines("DATALOSS")
