"""The log of a crawl: a story at INFO, everything at DEBUG, JSON if that is wanted."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from imagecrawl.demo.faultserver import FaultServer
from imagecrawl.typed import scrapy_command
from tests.crawl.project import Project, crawl
from tests.crawl.sites import add_images

GONE = 40
FAST = {"IMAGECRAWL_BACKOFF_BASE_SECS": 0.02, "RETRY_TIMES": 3}


@pytest.fixture
def bad(project: Project, server: FaultServer) -> list[str]:
    """A list of images that each fail once, and of as many that are not there."""
    urls = list(add_images(server, GONE, faults=("status_500",)))
    urls += [server.url(f"/gone/{number}.jpg") for number in range(GONE)]
    path = project.folder / "list.txt"
    path.write_text("\n".join(urls))
    return crawl("images", urls=path)


def test_info_is_a_story(project: Project, bad: list[str]) -> None:
    run = project.run(*bad, **FAST)
    assert run.code == 0
    (retry,) = run.lines("] INFO: attempt 1 of ")
    assert "http_500" in retry and retry.endswith("; more of this kind at LOG_LEVEL=DEBUG")
    failures = run.lines("] INFO: failed ")
    assert len(failures) == 20
    assert "; further failures are counted: " in failures[-1]
    assert failures[-1].endswith(f"{scrapy_command('failures')} lists them all")
    assert len(run.lines(" [imagecrawl.")) <= 30
    assert not run.lines(" WARNING: ") and not run.lines(" DEBUG: ")
    assert f"failed {GONE} (http_404 {GONE})" in run.log


def test_a_failure_of_another_kind_is_told_after_all_the_dead_links(
    project: Project, server: FaultServer, bad: list[str]
) -> None:
    server.add("/late.jpg", b"", status=410)
    with (project.folder / "list.txt").open("a") as file:
        file.write("\n" + server.url("/late.jpg"))
    run = project.run(*bad, **FAST)
    assert run.code == 0
    *dead, other = run.lines("] INFO: failed ")
    assert len(dead) == 20 and all("http_404" in line for line in dead)
    assert "/late.jpg: http_410 " in other and other.endswith(" lists them all")


def test_debug_is_everything(project: Project, bad: list[str]) -> None:
    run = project.run(*bad, LOG_LEVEL="DEBUG", **FAST)
    assert run.code == 0
    assert len(run.lines(": attempt 1 of ")) == GONE
    assert len(run.lines(": failed http")) == GONE
    scraped = run.lines("DEBUG: Scraped ")
    assert len(scraped) == GONE
    assert re.search(r"/\d+\.jpg: stored, full/\w+/\w+\.jpg \(\d+ bytes\)$", scraped[0])


def test_a_host_in_trouble_is_told_and_not_warned_of(project: Project) -> None:
    with FaultServer() as server:
        urls = add_images(server, 1, faults=("retry_after_1",))
        path = project.folder / "list.txt"
        path.write_text("\n".join(urls))
        run = project.run(*crawl("images", urls=path))
    assert run.code == 0
    trouble, end = run.lines("INFO: 127.0.0.1")
    # Of the second some tenths may be over when it is told.
    said = r"is in trouble \(http_429, Retry-After\): it is left alone for (1\.0|0\.\d) s"
    assert re.search(said, trouble)
    assert "answers again" in end
    assert not run.lines(" WARNING: ")


def parsed(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("to_file", [False, True])
def test_json_from_the_first_line_to_the_last(
    project: Project, bad: list[str], to_file: bool
) -> None:
    log = project.folder / "log.jsonl"
    where = {"LOG_FILE": log} if to_file else {}
    run = project.run(*bad, IMAGECRAWL_LOG_JSON="1", LOG_LEVEL="DEBUG", **where, **FAST)
    assert run.code == 0
    lines = parsed(log.read_text() if to_file else run.log)
    assert lines[0]["message"].startswith("Scrapy 2.")
    assert lines[-1]["message"] == "Spider closed (finished)"
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
    attempt = next(line for line in lines if line["message"].startswith("attempt 1 of"))
    assert attempt["reason"] == "http_500" and attempt["attempt"] == 1 and attempt["wait"] > 0
    assert attempt["url"].endswith(".jpg") and attempt["host"] in attempt["url"]
    crawled = next(line for line in lines if line["message"].startswith("Crawled (404)"))
    assert "/gone/" in crawled["url"]


SCRIPT = """
from scrapy.crawler import CrawlerProcess
from scrapy.utils.project import get_project_settings
settings = get_project_settings()
settings.update(SETTINGS, priority="cmdline")
process = CrawlerProcess(settings)
process.crawl("images", urls="{urls}")
process.start()
"""


def test_json_from_a_script(project: Project, server: FaultServer, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("\n".join([*add_images(server, 2), server.url("/x.jpg")]))
    run = project.script(SCRIPT.format(urls=tmp_path / "list.txt"), IMAGECRAWL_LOG_JSON="1")
    assert run.code == 0, run.log
    ours = [line for line in run.log.splitlines() if "images: discovered" in line]
    assert "stored 2" in json.loads(ours[0])["message"]
