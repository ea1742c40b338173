"""Nothing is lost and nothing fetched twice, however a crawl is interrupted."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from imagecrawl.demo.faultserver import FaultServer, Forever
from tests.crawl.project import Project, crawl
from tests.crawl.sites import add_images, add_pages, expected

LEASES = 32 + 16  # CONCURRENT_REQUESTS + 16: what may be in work when a crawl is killed


def interrupt(
    project: Project, server: FaultServer, args: list[str], how: int, after: int, **settings: Any
) -> int:
    """Run until the server has seen *after* more requests, then send the signal *how*."""
    process = project.start(*args, **settings)
    seen = len(server.hits())
    while len(server.hits()) < seen + after and process.poll() is None:
        time.sleep(0.002)
    process.send_signal(how)
    process.communicate(timeout=30)
    return int(process.returncode)


def refetched(server: FaultServer) -> int:
    healthy = Counter(hit.path for hit in server.hits() if hit.fault is None)
    return sum(count - 1 for path, count in healthy.items() if path.endswith(".jpg"))


def whole(files: dict[str, bytes], bodies: dict[str, bytes]) -> bool:
    """Whether every file there is so far is one of the images, and complete."""
    right = expected(bodies.values())
    return all(right.get(path) == body for path, body in files.items())


def test_kill_9_again_and_again(project: Project) -> None:
    rng = random.Random(4)
    with FaultServer(latency=0.01) as server:
        bodies = add_images(server, 500)
        bodies |= add_images(server, 100, faults=["reset_body"], first=500)
        (project.folder / "list.txt").write_text("\n".join(bodies))
        args = crawl("images", urls=project.folder / "list.txt")
        for _ in range(4):
            interrupt(project, server, args, signal.SIGKILL, rng.randrange(20, 120))
            assert whole(project.files(), bodies)
        run = project.run(*args)
        assert run.code == 0, run.log[-3000:]
        assert refetched(server) <= 4 * LEASES
    assert project.files() == expected(bodies.values())
    assert project.leftovers() == []
    assert set(project.manifest()) == set(bodies)
    assert "discovered 600 = stored 600 + duplicate 0 + failed 0 + pending 0" in run.log


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_polite_stop_fetches_nothing_twice(project: Project, how: signal.Signals) -> None:
    with FaultServer(latency=0.01) as server:
        bodies = add_images(server, 300)
        (project.folder / "list.txt").write_text("\n".join(bodies))
        args = crawl("images", urls=project.folder / "list.txt")
        for _ in range(2):
            assert interrupt(project, server, args, how, 60) == 2
            assert whole(project.files(), bodies)
            # The list beside the images is complete after each interruption.
            assert len(project.manifest()) == len(project.files())
        assert project.run(*args).code == 0
        assert refetched(server) == 0
    assert project.files() == expected(bodies.values())


def test_a_stop_that_costs_nothing_is_the_end(project: Project) -> None:
    """All that was left is under way, and arrives."""
    with FaultServer(latency=1.5) as server:
        bodies = add_images(server, 4)
        (project.folder / "list.txt").write_text("\n".join(bodies))
        args = crawl("images", urls=project.folder / "list.txt")
        assert interrupt(project, server, args, signal.SIGINT, 4, ROBOTSTXT_OBEY=False) == 0
        assert project.files() == expected(bodies.values())
        assert "nothing left to do" in project.run(*args).log


def test_a_stop_does_not_wait_for_a_stalled_server(project: Project, server: FaultServer) -> None:
    bodies = add_images(server, 4, faults=Forever("stall_body"))
    (project.folder / "list.txt").write_text("\n".join(bodies))
    args = crawl("images", urls=project.folder / "list.txt")
    slow = {"IMAGECRAWL_STALL_TIMEOUT_SECS": 600, "IMAGECRAWL_SHUTDOWN_GRACE_SECS": 0.5}
    assert interrupt(project, server, args, signal.SIGTERM, 1, **slow) == 2  # within 30 s
    run = project.run(*args, RETRY_TIMES=0, IMAGECRAWL_STALL_TIMEOUT_SECS=0.5)
    # What was given up at the stop had not been counted as an attempt.
    assert {line["attempts"] for line in project.manifest("failed.jsonl").values()} == {1}
    assert "timeout 4" in run.log


def test_a_waiting_retry_survives_a_kill(project: Project, server: FaultServer) -> None:
    bodies = add_images(server, 3, faults=["status_503"])
    (project.folder / "list.txt").write_text("\n".join(bodies))
    args = crawl("images", urls=project.folder / "list.txt")
    settings = {"IMAGECRAWL_BACKOFF_BASE_SECS": 1}
    process = project.start(*args, **settings)
    for line in process.stderr:
        if "3.jpg" in line or "attempt 1" in line:
            break
    time.sleep(0.5)
    process.kill()
    process.communicate()
    run = project.run(*args, **settings)
    assert run.code == 0
    assert all(record["attempts"] == 2 for record in project.manifest().values())
    assert project.files() == expected(bodies.values())


def test_linked_pages_killed_and_resumed(project: Project) -> None:
    with FaultServer(latency=0.005) as server:
        bodies = add_pages(server, pages=15, per_page=8)
        args = crawl("images", start_urls=server.url("/page/0"), follow="next")
        for after in (10, 40, 40):
            interrupt(project, server, args, signal.SIGKILL, after)
            assert whole(project.files(), bodies)
        run = project.run(*args)
        assert run.code == 0
        assert refetched(server) <= 3 * LEASES
    assert project.files() == expected(bodies.values())
    records = project.manifest()
    assert all(record["page_url"].startswith(server.url("/page/")) for record in records.values())
    assert {record["alt"] for record in records.values()} == {"picture"}


def test_a_plain_spider_that_knows_nothing_of_it(project: Project) -> None:
    with FaultServer(latency=0.005) as server:
        bodies = add_pages(server, pages=10, per_page=8)
        args = crawl("plain", pages=server.url("/page/0"))
        settings = {"SPIDER_MODULES": "tests.crawl.spiders"}
        for after in (10, 30, 30):
            interrupt(project, server, args, signal.SIGKILL, after, **settings)
        feed = project.folder / "out.jsonl"
        run = project.run(*args, "-O", str(feed), **settings)
        assert run.code == 0, run.log[-3000:]
    assert project.files() == expected(bodies.values())
    record = next(iter(project.manifest().values()))
    assert record["title"].startswith("page ")
    assert record["item_url"] == record["page_url"]
    assert record["url"].endswith(".jpg")


def test_the_same_command_resumes_at_once_and_fetches_nothing(
    project: Project, server: FaultServer
) -> None:
    bodies = add_images(server, 10)
    listed = project.folder / "list.txt"
    listed.write_text("\n".join(bodies))
    args = crawl("images", urls=listed)
    assert project.run(*args).code == 0
    before = len(server.hits())
    again = project.run(*args)
    assert again.code == 0
    assert len(server.hits()) == before
    assert "nothing left to do" in again.log
    # A list that has grown is noticed, and only what is new is fetched.
    more = add_images(server, 3, first=50)
    listed.write_text("\n".join([*bodies, *more]))
    grown = project.run(*args)
    assert grown.code == 0
    assert len(server.hits()) == before + 3
    assert project.files() == expected([*bodies.values(), *more.values()])
    # And restart=true starts afresh.
    assert project.run(*args, "-a", "restart=true").code == 0
    assert len(server.hits()) == before + 3 + 13


def test_a_restart_that_some_component_keeps_from_beginning(
    project: Project, server: FaultServer
) -> None:
    listed = project.folder / "list.txt"
    listed.write_text("\n".join(add_images(server, 3)))
    args = [*crawl("images", urls=listed), "-a", "job=j"]
    assert project.run(*args).code == 0
    broken = {"FAKEUSERAGENT_PROVIDERS": "no.such.Provider"}
    run = project.run(*args, "-a", "restart=true", **broken)
    assert run.code == 1 and run.log.count("imagecrawl: error: ") == 1
    _, status, _ = project.ask("status", "--json")
    told = json.loads(status)
    assert (told["process"], told["images"]["outcomes"]) == (None, {"stored": 3})
    assert project.run(*args).lines("this job has nothing left to do")
    assert len(server.hits()) == 3


def test_a_second_process_is_refused_by_name(project: Project) -> None:
    with FaultServer(latency=0.3) as server:
        bodies = add_images(server, 100)
        (project.folder / "list.txt").write_text("\n".join(bodies))
        args = crawl("images", urls=project.folder / "list.txt")
        first = project.start(*args)
        while not server.hits():
            time.sleep(0.01)
        second = project.run(*args)
        assert second.code == 1
        (line,) = second.lines("imagecrawl: error:")
        assert f"process {first.pid}" in line
        assert "Traceback" not in second.log
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=20)
        assert project.run(*args, "-a", "job=other").code == 0


def test_a_job_remembers_its_store(project: Project, server: FaultServer, tmp_path: Path) -> None:
    bodies = add_images(server, 2)
    (project.folder / "list.txt").write_text("\n".join(bodies))
    args = crawl("images", urls=project.folder / "list.txt", job="shop")
    assert project.run(*args).code == 0
    other = project.run(*args, IMAGES_STORE=tmp_path / "elsewhere")
    assert other.code == 1
    (line,) = other.lines("imagecrawl: error:")
    assert str(project.store) in line and "restart=true" in line
    # The job alone knows what it was for.
    assert project.run(*crawl("images", job="shop")).code == 0
    # JOBDIR wins, and has no pickles of Scrapy's in it.
    jobdir = tmp_path / "mine"
    assert project.run(*args, JOBDIR=jobdir).code == 0
    assert sorted(path.name for path in jobdir.iterdir()) == [
        *("frontier.sqlite", "job.json", "job.lock", "report.html")
    ]


def test_a_list_from_standard_input_is_resumed_without_it(project: Project) -> None:
    with FaultServer(latency=0.02) as server:
        bodies = add_images(server, 60)
        process = project.start(*crawl("images", urls="-"), stdin=subprocess.PIPE)
        process.stdin.write("\n".join(bodies))
        process.stdin.close()
        process.stdin = None
        while len(server.hits()) < 20:
            time.sleep(0.01)
        process.kill()
        process.communicate()
        (job,) = [path.name for path in project.jobs.iterdir()]
        assert project.run(*crawl("images", job=job)).code == 0
    assert project.files() == expected(bodies.values())


def test_an_image_that_has_vanished_is_fetched_again(project: Project, server: FaultServer) -> None:
    bodies = add_images(server, 6)
    (project.folder / "list.txt").write_text("\n".join(bodies))
    args = crawl("images", urls=project.folder / "list.txt")
    assert project.run(*args).code == 0
    for path in list(project.files())[:2]:
        (project.store / path).unlink()
    run = project.run(*args)
    assert run.code == 0
    assert project.files() == expected(bodies.values())
    assert len(server.hits()) == 8
    assert "discovered 6 = stored 6 + duplicate 0 + failed 0 + pending 0" in run.log


def test_a_row_that_is_lost_does_not_balance(project: Project, server: FaultServer) -> None:
    import sqlite3

    bodies = add_images(server, 5)
    (project.folder / "list.txt").write_text("\n".join(bodies))
    args = crawl("images", urls=project.folder / "list.txt", job="shop")
    assert project.run(*args).code == 0
    database = sqlite3.connect(project.jobs / "shop" / "frontier.sqlite")
    database.execute("DELETE FROM entries WHERE id = 3")
    database.commit()
    database.close()
    run = project.run(*args)
    assert run.code == 2
    assert "does not balance" in run.log
