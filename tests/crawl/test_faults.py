"""Every image arrives, whatever the server does first."""

from __future__ import annotations

from itertools import pairwise

import pytest

from imagecrawl.demo.faultserver import FaultServer, Forever
from imagecrawl.demo.gallery import sample_image
from tests.crawl.project import Project, crawl
from tests.crawl.sites import add_images, expected
from tests.rawserver import Asked, RawServer

PASSING = (
    *("reset_before", "reset_headers", "reset_body", "reset_chunked", "reset_nolength"),
    *("close_before", "close_headers", "truncate_length", "truncate_nolength"),
    *("truncate_lying", "chunk_cut", "stall_before", "stall_body", "empty_200", "html_200"),
    *("html_honest_200", "bad_gzip", "garbage", "status_408", "status_429", "status_500"),
    *("status_502", "status_503", "status_504", "status_520", "status_524"),
)


def write_list(project: Project, urls: object) -> str:
    path = project.folder / "list.txt"
    path.write_text("\n".join(urls), encoding="utf-8")  # type: ignore[arg-type]
    return str(path)


def test_every_passing_fault_is_recovered_byte_for_byte(
    project: Project, server: FaultServer
) -> None:
    bodies: dict[str, bytes] = {}
    for n, fault in enumerate(PASSING):
        for times in (1, 2):
            body = sample_image(100 * n + times, size=(64, 48))
            server.add(f"/{fault}/{times}.jpg", body, faults=[fault] * times)
            bodies[server.url(f"/{fault}/{times}.jpg")] = body
    run = project.run(*crawl("images", urls=write_list(project, bodies)))
    assert run.code == 0, run.log[-3000:]
    assert project.files() == expected(bodies.values())
    assert project.leftovers() == []
    records = project.manifest()
    assert set(records) == set(bodies)
    resets = records[server.url("/reset_body/2.jpg")]
    assert resets["attempts"] == 3
    assert resets["status"] == "stored"


def test_four_faults_in_a_row_have_growing_gaps_between_them(
    project: Project, server: FaultServer
) -> None:
    body = sample_image(1)
    faults = ["reset_body", "status_503", "truncate_length", "close_headers"]
    server.add("/1.jpg", body, faults=faults)
    others = add_images(server, 20, first=100)
    urls = [server.url("/1.jpg"), *others]
    run = project.run(
        *crawl("images", urls=write_list(project, urls)), IMAGECRAWL_BACKOFF_BASE_SECS=0.3
    )
    assert run.code == 0
    times = [hit.at for hit in server.hits("/1.jpg")]
    assert len(times) == 5
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert gaps == sorted(gaps)
    # The other URLs did not wait for it.
    assert max(hit.at for hit in server.hits() if hit.path != "/1.jpg") < times[2]
    assert project.files() == expected([body, *others.values()])


def test_a_new_browser_on_each_attempt_and_an_image_accept(
    project: Project, server: FaultServer
) -> None:
    server.add("/1.jpg", sample_image(1), faults=["status_503"] * 6)
    run = project.run(
        *crawl("images", urls=write_list(project, [server.url("/1.jpg")])),
        IMAGECRAWL_BACKOFF_BASE_SECS=0.01,
    )
    assert run.code == 0
    hits = server.hits("/1.jpg")
    agents = [hit.headers["user-agent"] for hit in hits]
    assert len(set(agents)) > 1
    assert all(agent.startswith("Mozilla/5.0") for agent in agents)
    assert all(hit.headers["accept"].startswith("image/") for hit in hits)
    # A retry goes out on a fresh connection.
    assert len({hit.connection for hit in hits}) == len(hits)


@pytest.mark.parametrize(
    ("fault", "reason", "requests"),
    [
        ("status_404", "http_404", 1),
        ("status_410", "http_410", 1),
        ("status_403", "http_403", 1),
        ("status_451", "http_451", 1),
        ("status_503", "http_503", 4),
        ("reset_body", "reset", 4),
        ("truncate_lying", "truncated", 4),
        ("html_200", "html", 4),
        ("html_honest_200", "html", 2),
        ("empty_200", "empty", 4),
    ],
)
def test_what_is_not_to_be_had_is_listed_with_its_reason(
    project: Project, server: FaultServer, fault: str, reason: str, requests: int
) -> None:
    server.add("/1.jpg", sample_image(1), faults=Forever(fault))
    url = server.url("/1.jpg")
    run = project.run(
        *crawl("images", urls=write_list(project, [url])),
        IMAGECRAWL_BACKOFF_BASE_SECS=0.01,
        RETRY_TIMES=3,
        IMAGECRAWL_DOUBTFUL_RETRY_TIMES=1,
    )
    assert run.code == 0
    assert project.files() == {}
    missing = project.manifest("failed.jsonl")[url]
    assert (missing["status"], missing["reason"]) == ("failed", reason)
    assert missing["attempts"] == requests
    assert len(server.hits("/1.jpg")) == requests
    assert f"failed 1 ({reason} 1)" in run.log


def test_a_server_that_refuses_for_a_while(project: Project) -> None:
    with FaultServer() as server:
        bodies = add_images(server, 5)
        urls = write_list(project, bodies)
        server.down()
        process = project.start(*crawl("images", urls=urls), LOG_LEVEL="DEBUG")
        log: list[str] = []
        for line in process.stderr:
            log.append(line)
            if "attempt 2" in line and "refused" in line:
                break
        server.up()
        log += process.communicate(timeout=60)[1].splitlines()
        assert process.returncode == 0, "".join(log[-30:])
    assert project.files() == expected(bodies.values())


@pytest.mark.parametrize("with_reset", [False, True])
def test_idle_connections_that_the_server_drops(project: Project, with_reset: bool) -> None:
    with FaultServer(idle_timeout=0.05, drop_idle_with_reset=with_reset) as server:
        bodies = add_images(server, 12)
        run = project.run(
            *crawl("images", urls=write_list(project, bodies)),
            DOWNLOAD_DELAY=0.15,
            CONCURRENT_REQUESTS_PER_DOMAIN=1,
        )
        assert run.code == 0
        assert server.connections > 6
    assert project.files() == expected(bodies.values())


def test_a_host_never_sees_more_than_its_share(project: Project) -> None:
    with FaultServer(latency=0.05) as server, FaultServer(latency=0.05) as front:
        bodies = add_images(server, 60)
        redirects = []
        for n in range(40):
            target = server.url(f"/{n}.jpg")
            front.add(f"/r{n}", b"", status=302, headers={"Location": target})
            redirects.append(front.url(f"/r{n}"))
        urls = [x for pair in zip(bodies, redirects * 2, strict=False) for x in pair]
        run = project.run(
            *crawl("images", urls=write_list(project, urls)),
            CONCURRENT_REQUESTS=64,
            CONCURRENT_REQUESTS_PER_DOMAIN=4,
            AUTOTHROTTLE_TARGET_CONCURRENCY=32,
        )
        assert run.code == 0
        assert server.max_concurrent <= 4
        assert front.max_concurrent <= 4
    assert project.files() == expected(bodies.values())
    records = project.manifest()
    assert len(records) == 100
    assert sum(record["status"] == "stored" for record in records.values()) == 60


def test_a_host_that_answers_nothing_does_not_hold_up_another(project: Project) -> None:
    with FaultServer() as dead, FaultServer() as living:
        for n in range(16):
            dead.add(f"/{n}.jpg", b"", faults=Forever("stall_before"))
        bodies = add_images(living, 60)
        urls = [dead.url(f"/{n}.jpg") for n in range(16)] + list(bodies)
        run = project.run(
            *crawl("images", urls=write_list(project, urls)),
            CONCURRENT_REQUESTS=16,
            RETRY_TIMES=0,
            IMAGECRAWL_STALL_TIMEOUT_SECS=3,
        )
        assert run.code == 0
        # Everything of the living host had been asked for before the dead one was given up.
        last = max(hit.at for hit in living.hits())
        assert len([hit for hit in dead.hits() if hit.at < last]) <= 8
    assert project.files() == expected(bodies.values())


def test_a_list_sorted_by_host_is_interleaved(project: Project) -> None:
    servers = [FaultServer(latency=0.05).start() for _ in range(6)]
    try:
        bodies: dict[str, bytes] = {}
        for n, server in enumerate(servers):
            bodies |= add_images(server, 20, first=100 * n)
        run = project.run(*crawl("images", urls=write_list(project, bodies)))
        assert run.code == 0
        starts = [server.hits()[0].at for server in servers]
        ends = [server.hits()[-1].at for server in servers]
        assert max(starts) < min(ends), "the hosts were served one after the other"
    finally:
        for server in servers:
            server.stop()
    assert project.files() == expected(bodies.values())


def test_a_redirect_to_a_host_that_cannot_be_looked_up_is_final_at_once(project: Project) -> None:
    def answer(asked: Asked) -> None:
        asked.answer(status="302 Found", Location=f"http://{asked.path[1:]}/x.png")

    with RawServer(answer) as server:
        urls = [server.url(f"/{host}") for host in ("a..invalid", "a" * 64 + ".invalid")]
        run = project.run(*crawl("images", urls=write_list(project, urls)))
    assert run.code == 0
    missing = project.manifest("failed.jsonl")
    assert {url: (one["reason"], one["attempts"]) for url, one in missing.items()} == dict.fromkeys(
        urls, ("invalid_url", 1)
    )
    assert "Traceback" not in run.log
