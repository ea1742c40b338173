"""What is seen of a crawl: on a terminal, and in a log."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from typing import Any

import pytest

from imagecrawl.demo.faultserver import FaultServer, Forever
from imagecrawl.typed import scrapy_command
from imagecrawl.watch.ending import same_command
from tests.crawl.project import ROOT, Project, crawl
from tests.crawl.sites import add_images, add_pages, expected

if os.name != "posix":
    pytest.skip("pseudo-terminals are POSIX", allow_module_level=True)

from tests.crawl.terminal import COLUMNS, Terminal

LONG = "/" + "x" * 150 + ".jpg"


def listed(project: Project, server: FaultServer, count: int) -> tuple[list[str], dict[str, bytes]]:
    """A list of *count* images, and one that is not there."""
    bodies = add_images(server, count)
    server.add(LONG, b"", faults=Forever("status_404"))
    path = project.folder / "list.txt"
    path.write_text("\n".join([server.url(LONG), *bodies]))
    return crawl("images", urls=path, job="watched"), bodies


def left_of_the_display(term: Terminal) -> list[str]:
    return [
        line
        for line in term.everything()
        if re.search(r"━| images/s| waiting +\d+ discovered", line)
    ]


def terminal(project: Project, args: list[str], env: dict[str, str], **settings: Any) -> Terminal:
    command = project.command(*args, **settings)
    return Terminal(command, ROOT, project.environment(), **env)


def test_the_display_stays_below_the_log_and_goes(project: Project, server: FaultServer) -> None:
    args, bodies = listed(project, server, 150)
    with terminal(project, args, {}, CONCURRENT_REQUESTS_PER_DOMAIN=2) as term:
        text = term.until_text(r"\d+ stored +1 failed +\d+ waiting +\d+ discovered")
        first, _, third, *_ = (text[text.rindex("job watched") :]).splitlines()
        assert len(first) <= COLUMNS and re.search(r" \d+ %", first)
        assert re.match(r"[\d.]+ images/s, [\d.]+ k?B/s", third)
        assert term.end() == 0
        told = "".join(term.everything())
        assert server.url(LONG) in told, "a long line is as long as it is: the terminal wraps it"
        assert " images/s" not in told, "the display is gone"
        assert "Dumping Scrapy stats" not in told, "a screenful"
        assert not term.screen.cursor.hidden
        last = "".join(line for line in term.lines() if line)
        assert "imagecrawl: done: 150 stored, 1 failed in this run: " in last
        assert " failures --job watched" in last
        assert last.endswith(f" -s IMAGECRAWL_JOBS_DIR={project.jobs}")
    assert project.files() == expected(bodies.values())


def test_no_color(project: Project, server: FaultServer) -> None:
    args, _ = listed(project, server, 20)
    with terminal(project, args, {"NO_COLOR": "1"}) as term:
        term.until_text("images/s")
        assert term.end() == 0
        assert not re.findall(rb"\x1b\[[\d;]*[34]\d[\d;]*m", term.raw)
    with terminal(project, [*args, "-a", "restart=true"], {}) as term:
        assert term.end() == 0
        assert re.findall(rb"\x1b\[[\d;]*3\d[\d;]*m", term.raw)


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_leaves_a_clean_terminal_and_says_how_to_go_on(
    project: Project, server: FaultServer, times: int
) -> None:
    args, bodies = listed(project, server, 200)
    server.add("/stalls.jpg", b"", faults=Forever("stall_before"))
    path = project.folder / "list.txt"
    path.write_text(server.url("/stalls.jpg") + "\n" + path.read_text())
    slowly = {"CONCURRENT_REQUESTS_PER_DOMAIN": 2, "IMAGECRAWL_STALL_TIMEOUT_SECS": 60}
    with terminal(project, args, {}, **slowly) as term:
        term.until_text(r"[1-9]\d* stored")
        for _ in range(times):
            term.type("\x03")
            term.until_text("stopping" if times == 1 else "Received SIGINT")
        assert term.end() == 2
        assert not term.screen.cursor.hidden
        assert not left_of_the_display(term)
        text = "".join(term.everything())
        how = "is not done" if times == 1 else "was cut short"
        (count,) = re.findall(rf"imagecrawl: the crawl {how}, (\d+) images ?waiting", text)
        assert 0 < int(count) <= 402
        if times == 1:
            assert f" + pending {count}" in text
        assert text.endswith(f". To go on: {scrapy_command(*project.words(*args, **slowly))}")
    assert project.run(*args, RETRY_TIMES=0).code == 0
    assert expected(bodies.values()).items() <= project.files().items()


SCRIPT = """
import sys
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.utils.project import get_project_settings
settings = get_project_settings()
for pair in sys.argv[2:]:
    settings.set(*pair.split("=", 1), priority="cmdline")
process = AsyncCrawlerProcess(settings)
process.crawl("images", urls=sys.argv[1])
process.start()
"""


def test_ctrl_c_says_how_to_go_on_with_a_script_too(project: Project, server: FaultServer) -> None:
    listed(project, server, 200)
    script = project.folder / "my crawl.py"
    script.write_text(SCRIPT)
    settings = {**project.settings, "CONCURRENT_REQUESTS_PER_DOMAIN": 2, "LOG_LEVEL": "WARNING"}
    words = [str(project.folder / "list.txt"), *(f"{k}={v}" for k, v in settings.items())]
    with Terminal([sys.executable, str(script), *words], ROOT, project.environment()) as term:
        term.until_text(r"[1-9]\d* stored")
        term.type("\x03")
        assert term.end() == 0
        assert not left_of_the_display(term)
        text = "".join(term.everything())
    assert re.search(r"imagecrawl: the crawl is not done, \d+ images ?waiting", text)
    assert text.endswith(shlex.join([str(script), *words]))


def test_forced_in_the_close(project: Project) -> None:
    """The close writes the lists and the report: a crawl without them is not done."""
    args = crawl("hasty", job="hasty")
    with terminal(project, args, {}, SPIDER_MODULES="tests.crawl.spiders") as term:
        assert term.end() == 2
        text = "".join(term.everything())
    assert "imagecrawl: the crawl was cut short, its report is not written. To go on: " in text


def test_what_is_for_one_run_is_not_in_the_command_that_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started = "/x/imagecrawl/commands/__main__.py"
    monkeypatch.setattr(sys, "argv", [started])
    again = "python3 -m imagecrawl crawl images"
    argv = [started, "images", "-a", "restart=true", "-a", "urls=my list.txt", "-L", "ERROR"]
    assert same_command(argv) == f"{again} -a 'urls=my list.txt' -L ERROR"
    argv = [started, "images", "-arestart=true", "-a=restart=true", "-a", "job=restart=a"]
    assert same_command(argv) == f"{again} -a job=restart=a"
    argv = [started, "images", "-a", "retry_failed=all", "-a", "job=a"]
    assert same_command(argv) == f"{again} -a job=a"


@pytest.mark.parametrize("way", ["scrapy", "imagecrawl"])
def test_ctrl_c_before_the_crawl_has_begun(project: Project, way: str) -> None:
    """While spiders and all that they need are imported."""
    (project.folder / "early.py").write_text("import os\nos.kill(os.getpid(), 2)\n")
    command = project.command("crawl", "images", SPIDER_MODULES="early")
    command[2] = way
    path = f"{ROOT}{os.pathsep}{project.folder}"
    with Terminal(command, ROOT, project.environment(), PYTHONPATH=path) as term:
        assert term.end() == 130
        (line,) = [line for line in term.everything() if line]
    assert line == "imagecrawl: interrupted: run the same command again"


@pytest.mark.parametrize("mode", ["auto", "log", "bar"])
def test_without_a_terminal_there_are_lines(
    project: Project, server: FaultServer, mode: str
) -> None:
    bodies = add_pages(server, 3, 10)
    run = project.run(
        *crawl("images", start_urls=server.url("/page/0"), follow="next"),
        IMAGECRAWL_PROGRESS=mode,
        LOGSTATS_INTERVAL=0.1,
        CONCURRENT_REQUESTS_PER_DOMAIN=1,
    )
    assert run.code == 0
    lines = run.lines(" images/s, ")
    assert lines and all(" INFO: " in line for line in lines)
    assert re.search(r"\d+ stored, 0 failed, \d+ waiting of \d+ discovered; ", lines[-1])
    assert not run.lines("Crawled ")
    assert "\x1b" not in run.log
    assert project.files() == expected(bodies.values())


def test_off_is_silent(project: Project, server: FaultServer) -> None:
    args, _ = listed(project, server, 20)
    off = {"IMAGECRAWL_PROGRESS": "off", "LOGSTATS_INTERVAL": 0.1, "STATS_DUMP": True}
    run = project.run(*args, **off)
    assert run.code == 0
    assert not run.lines(" images/s, ")
    assert run.lines("items_per_minute"), "Scrapy's final stats are there"
    with terminal(project, [*args, "-a", "restart=true"], {}, **off) as term:
        assert term.end() == 0
        assert b" images/s, " not in term.raw
        assert b"Dumping Scrapy stats" in term.raw


def test_on_a_dumb_terminal_there_are_lines(project: Project, server: FaultServer) -> None:
    args, _ = listed(project, server, 20)
    with terminal(project, args, {"TERM": "dumb"}, LOGSTATS_INTERVAL=0.1) as term:
        assert term.end() == 0
        assert b"\x1b" not in term.raw
        assert b" images/s, " in term.raw


def test_what_goes_to_standard_output_stays_there(project: Project, server: FaultServer) -> None:
    """A feed on standard output is piped, while the display is on the terminal."""
    args, bodies = listed(project, server, 20)
    command = project.command(*args, "-O", "-:jsonl")
    quoted = subprocess.list2cmdline(command)
    feed = project.folder / "feed.jsonl"
    with Terminal(["sh", "-c", f"{quoted} > {feed}"], ROOT, project.environment()) as term:
        assert term.end() == 0
        assert b"images/s" in term.raw
    assert len(feed.read_text().splitlines()) == len(bodies)


def test_a_mode_that_is_none(project: Project, server: FaultServer) -> None:
    args, _ = listed(project, server, 1)
    run = project.run(*args, IMAGECRAWL_PROGRESS="loud")
    assert run.code == 1
    (line,) = run.lines("imagecrawl: error:")
    assert "IMAGECRAWL_PROGRESS='loud' is not one of auto, bar, log, off" in line


def test_two_crawls_in_one_process_share_the_display(project: Project, server: FaultServer) -> None:
    with FaultServer(latency=0.1) as other:
        lists, missing = [], [f"/none{n}-{'x' * 90}" for n in range(8)]
        for number, one in enumerate((server, other)):
            urls = list(add_images(one, 60, first=100 * number))
            for name in missing:
                one.add(name, b"", faults=Forever("status_404"))
            path = project.folder / f"{number}.txt"
            path.write_text("\n".join([*urls, *map(one.url, missing)]))
            lists.append(str(path))
        own = {name: str(value) for name, value in project.settings.items()}
        code = f"""
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.utils.project import get_project_settings
settings = get_project_settings()
settings.setdict({own!r}, priority="cmdline")
process = AsyncCrawlerProcess(settings)
process.crawl("images", urls={lists[0]!r}, job="one")
process.crawl("images", urls={lists[1]!r}, job="two")
process.start()
"""
        command = [sys.executable, "-c", code]
        with Terminal(command, ROOT, project.environment()) as term:
            text = term.until_text(r"job one[\s\S]*job two[\s\S]*discovered|job two[\s\S]*job one")
            assert text
            assert term.end() == 0
            told = "".join(term.everything())
            assert not left_of_the_display(term)
        # Every line is whole, also those that the terminal has wrapped.
        assert all(one.url(name) in told for one in (server, other) for name in missing)
