"""A crawl that is watched by machines: Prometheus, Spidermon, and its stats."""

from __future__ import annotations

import contextlib
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from imagecrawl.demo.faultserver import FaultServer, Forever
from tests.crawl.project import ROOT, Project, crawl
from tests.crawl.sites import add_images
from tests.test_stats import METRICS, STATS

TIMEOUT_SECS = 60
SETTINGS = "tests.monitoring.settings"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


@pytest.fixture
def port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def listed(project: Project, *urls: str) -> list[str]:
    path = project.folder / "list.txt"
    path.write_text("\n".join(urls))
    return crawl("images", urls=path, job="watched")


def scraped(port: int) -> dict[tuple[str, str], float]:
    """The metrics by name and value of their own label."""
    url = f"http://127.0.0.1:{port}/metrics"
    with contextlib.closing(urllib.request.urlopen(url, timeout=10)) as answer:
        text = answer.read().decode()
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = dict(sample.labels)
            assert labels.pop("crawl_job") == "watched" and labels.pop("spider") == "images"
            found[sample.name, "".join(labels.values())] = sample.value
    return found


def until(port: int, wanted: dict[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    deadline = time.monotonic() + TIMEOUT_SECS
    found: dict[tuple[str, str], float] = {}
    while time.monotonic() < deadline:
        with contextlib.suppress(urllib.error.URLError):
            found = scraped(port)
        if wanted.items() <= found.items():
            return found
        time.sleep(0.1)
    raise AssertionError(f"{wanted} was not to be seen: {found}")


@contextlib.contextmanager
def hanging(project: Project, server: FaultServer, **settings: Any) -> Iterator[Any]:
    """A crawl of five images, one of which is not there, another in pause and one never comes."""
    with FaultServer() as limited:
        server.add("/stalls.jpg", b"", faults=Forever("stall_before"))
        limited.add("/0.jpg", b"", faults=Forever("retry_after_900"))
        urls = [*add_images(server, 2), server.url("/gone.jpg"), server.url("/stalls.jpg")]
        args = listed(project, *urls, limited.url("/0.jpg"))
        process: subprocess.Popen[str] = project.start(
            *args, IMAGECRAWL_STALL_TIMEOUT_SECS=600, **settings
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()


def test_prometheus_reads_how_it_stands(project: Project, server: FaultServer, port: int) -> None:
    with hanging(project, server, IMAGECRAWL_PROMETHEUS_PORT=port):
        wanted = {"stored": 2, "failed": 1, "pending": 2}
        images = {("imagecrawl_images", outcome): count for outcome, count in wanted.items()}
        found = until(port, {**images, ("imagecrawl_hosts_paused", ""): 1})
    assert found["imagecrawl_failures_total", "http_404"] == 1
    assert found["imagecrawl_retries_total", "http_429"] == 1
    assert found["imagecrawl_host_events_total", "opened"] == 1
    assert found["imagecrawl_retries_due", ""] == 1
    assert found["imagecrawl_bytes_total", ""] > 0
    assert {name for name, _ in found} == set(METRICS)


def test_a_port_that_is_taken_stops_no_crawl(
    project: Project, server: FaultServer, port: int
) -> None:
    args = listed(project, *add_images(server, 2))
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", port))
        sock.listen()
        run = project.run(*args, IMAGECRAWL_PROMETHEUS_PORT=port)
    assert run.code == 0
    (line,) = run.lines(" WARNING: ")
    assert f"port {port} is not to be had" in line


def test_it_closes_without_a_warning(project: Project, server: FaultServer, port: int) -> None:
    run = project.run(*listed(project, *add_images(server, 2)), IMAGECRAWL_PROMETHEUS_PORT=port)
    assert run.code == 0
    assert run.lines("metrics at") and not run.lines("Warning") and not run.lines("WARNING")


@pytest.mark.parametrize("value", ["0", "None", ""])
def test_off(project: Project, server: FaultServer, value: str) -> None:
    args = listed(project, *add_images(server, 1))
    run = project.run(*args, IMAGECRAWL_PROMETHEUS_PORT=value)
    assert run.code == 0
    assert not run.lines("metrics at")


@pytest.mark.parametrize("value", ["-1", "65536", "http"])
def test_a_bad_port_is_one_line(project: Project, server: FaultServer, value: str) -> None:
    run = project.run(*listed(project, server.url("/")), IMAGECRAWL_PROMETHEUS_PORT=value)
    assert run.code == 1
    assert len(run.lines("imagecrawl: error: IMAGECRAWL_PROMETHEUS_PORT=")) == 1


def watched(project: Project, *urls: str) -> str:
    args = listed(project, *urls)
    process = subprocess.run(
        project.command(*args),
        env={**project.environment(), "SCRAPY_SETTINGS_MODULE": SETTINGS},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert process.returncode == 0, process.stderr[-3000:]
    warned = re.findall("Warning: (.*)", process.stderr)
    assert set(warned) <= {"Spider.log() is deprecated, use methods of Spider.logger instead."}
    return process.stderr


def test_the_settings_are_those_of_the_docs() -> None:
    text = (ROOT / "docs" / "stats.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(SPIDERMON_ENABLED.*?)```", text, re.DOTALL)
    shown: dict[str, Any] = {}
    exec(block.replace("myproject.", "tests.monitoring."), {}, shown)
    assert len(shown) == 3
    assert shown.items() <= vars(import_module(SETTINGS)).items()


def test_spidermon_is_content_with_a_good_crawl(project: Project, server: FaultServer) -> None:
    log = watched(project, *add_images(server, 12), server.url("/gone.jpg"))
    assert "[Spidermon] 3 monitors in " in log
    assert "[Spidermon] OK" in log


def test_spidermon_is_not_content_with_a_bad_one(project: Project, server: FaultServer) -> None:
    log = watched(project, server.url("/gone.jpg"))
    assert "not a single image" in log
    assert "1 of 1 failed" in log
    assert "FAILED (failures=2)" in log


def test_the_stats_of_a_crawl_are_documented(project: Project, server: FaultServer) -> None:
    server.add("/broken.jpg", b"<html>x</html>", content_type="text/html")
    urls = [*add_images(server, 3, faults=("retry_after_1",)), server.url("/gone.jpg"), "no url"]
    args = listed(project, *urls, server.url("/broken.jpg"))
    run = project.run(*args, RETRY_TIMES=1)
    assert run.code == 0
    told = set(re.findall(r"'(imagecrawl/[^']+)'", run.log))
    assert len(told) > 10
    patterns = [name.replace("word", r"\w+") for name in STATS]
    for name in told:
        assert any(re.fullmatch(pattern, name) for pattern in patterns), name
