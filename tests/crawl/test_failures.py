"""Only what failed is run again, and what failed can be seen."""

from __future__ import annotations

import json
import shlex
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

from imagecrawl.demo.faultserver import FaultServer, Forever
from tests.crawl.project import ROOT, Project, crawl
from tests.crawl.sites import add_images, expected

FEW = {"RETRY_TIMES": 1, "IMAGECRAWL_BACKOFF_BASE_SECS": 0.05}


def listed(project: Project, *options: str, **settings: Any) -> tuple[int, str, str]:
    return project.ask("failures", *options, **settings)


@pytest.fixture
def broken(project: Project, server: FaultServer) -> dict[str, bytes]:
    """A page with good images, and with some that end in 500, in an HTML page, and in 404."""
    bodies = add_images(server, 6)
    urls = list(bodies)
    server.add("/0.jpg", b"", status=500, content_type="text/plain")
    server.add("/1.jpg", b"<html>x</html>", content_type="text/html")
    tags = "".join(f'<img src="{url}">' for url in [*urls, server.url("/gone.jpg")])
    server.add("/", f"<html>{tags}</html>".encode(), content_type="text/html")
    run = project.run(*crawl("images", start_urls=server.url("/"), job="cats"), **FEW)
    assert run.code == 0
    assert len(project.files()) == 4
    return bodies


def mend(server: FaultServer, bodies: dict[str, bytes], *numbers: int) -> None:
    for number in numbers:
        server.add(f"/{number}.jpg", bodies[server.url(f"/{number}.jpg")])


def test_only_the_reasons_that_are_named_are_run_again(
    project: Project, server: FaultServer, broken: dict[str, bytes]
) -> None:
    mend(server, broken, 0, 1)
    before = len(server.hits())
    run = project.run(*crawl("images", job="cats", retry_failed="http_500, reset"), **FEW)
    assert run.code == 0
    assert run.lines("1 failed entries are tried again")
    asked = [hit.path for hit in server.hits()[before:]]
    assert asked in (["/0.jpg"], ["/robots.txt", "/0.jpg"])
    assert set(project.manifest("failed.jsonl")) == {server.url("/1.jpg"), server.url("/gone.jpg")}
    run = project.run(*crawl("images", job="cats", retry_failed="all"), **FEW)
    assert run.code == 0
    assert run.lines("2 failed entries are tried again")
    assert project.files() == expected(broken.values())
    assert set(project.manifest("failed.jsonl")) == {server.url("/gone.jpg")}
    assert run.lines("discovered 7 = stored 6 + duplicate 0 + failed 1 (http_404 1) + pending 0")
    assert len([hit for hit in server.hits() if hit.path == "/"]) == 1


def test_the_command_that_is_shown_does_it(
    project: Project, server: FaultServer, broken: dict[str, bytes]
) -> None:
    mend(server, broken, 0, 1)
    code, out, _ = listed(project, "--job", "cats")
    assert code == 0
    *table, _, summary, command = out.splitlines()
    assert sorted(line.split()[0] for line in table) == ["html", "http_404", "http_500"]
    assert summary.startswith("job cats: 3 failed (")
    done = subprocess.run(
        [*shlex.split(command), *project.words(), "-s", "RETRY_TIMES=1"],
        cwd=ROOT,
        env=project.environment(),
        capture_output=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0
    assert project.files() == expected(broken.values())


def test_the_forms_of_the_list(project: Project, server: FaultServer, broken: object) -> None:
    code, out, _ = listed(project, "--json")
    assert code == 0
    assert {one["reason"] for one in map(json.loads, out.splitlines())} == {
        *("html", "http_404", "http_500")
    }
    _, out, _ = listed(project, "--urls", "--reason", "http_404,reset")
    assert out.split() == [server.url("/gone.jpg")]
    _, out, _ = listed(project, "--reason", "reset")
    assert out == "job cats: no failures\n"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--job", "dogs"], "there is no job 'dogs': there are cats"),
        (["--reason", "resets"], "'resets' is no reason: did you mean reset?"),
        (["--reason", ""], "give all, or reasons"),
        (["cats"], "name a job with --job"),
    ],
)
def test_bad_options_are_one_line(
    project: Project, broken: object, options: list[str], words: str
) -> None:
    code, out, err = listed(project, *options)
    assert code == (1 if "--job" in options else 2)
    assert words in err
    assert "Traceback" not in err
    assert out == ""


def test_without_any_job(project: Project) -> None:
    code, _, err = listed(project)
    assert code == 1
    assert "there is no job in" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"retry_failed": "resets"}, "'resets' is no reason: did you mean reset?"),
        ({"retry_failed": ""}, "give all, or reasons"),
        ({"retry_failed": "all", "restart": "true"}, "exclude each other"),
    ],
)
@pytest.mark.parametrize("spider", ["images", "plain"])
def test_bad_arguments_are_one_line(
    project: Project, server: FaultServer, spider: str, arguments: dict[str, str], words: str
) -> None:
    if spider == "images":
        arguments = {"start_urls": server.url("/"), **arguments}
    modules = {"SPIDER_MODULES": "imagecrawl.spiders,tests.crawl.spiders"}
    run = project.run(*crawl(spider, **arguments), **modules)
    assert run.code == 1
    assert words in run.log
    assert "Traceback" not in run.log
    assert not server.hits()


def test_lines_that_were_never_requests_stay_as_they_are(
    project: Project, server: FaultServer
) -> None:
    (project.folder / "list.txt").write_text(f"no url\n{server.url('/gone.jpg')}\n")
    args = crawl("images", urls=project.folder / "list.txt")
    assert project.run(*args, **FEW).code == 0
    run = project.run(*args, "-a", "retry_failed=all", **FEW)
    assert run.code == 0
    assert run.lines("1 failed entries are tried again")
    assert {one["reason"] for one in project.manifest("failed.jsonl").values()} == {
        *("invalid_url", "http_404")
    }


def test_hostile_text_does_not_reach_the_terminal(project: Project, server: FaultServer) -> None:
    server.add("/a.jpg", b"", faults=Forever("close_headers"))
    (project.folder / "list.txt").write_text(server.url("/a.jpg"))
    project.run(*crawl("images", urls=project.folder / "list.txt", job="x"), RETRY_TIMES=0)
    (path,) = Path(project.jobs).glob("x/frontier.sqlite")
    db = sqlite3.connect(path)
    db.execute("UPDATE entries SET message = ?", ("\x1b[2Jred\n\u202eevil\ud7ff",))
    db.commit()
    db.close()
    _, out, _ = listed(project)
    assert "\\x1b[2Jred\\n\\u202eevil" in out
    assert "\x1b" not in out


def test_a_reader_that_has_seen_enough(project: Project, broken: object) -> None:
    command = shlex.join(project.command("failures"))
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} | head -n 1"],
        cwd=ROOT,
        env=project.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""
