"""A crawl leaves a report, and one can be had at any time."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from imagecrawl.demo.faultserver import FaultServer
from tests.crawl.project import Project, crawl
from tests.crawl.sites import add_images, add_pages

FEW = {"RETRY_TIMES": 1, "IMAGECRAWL_BACKOFF_BASE_SECS": 0.05}


def asked(project: Project, *options: str, **settings: Any) -> tuple[int, str, str]:
    return project.ask("report", *options, **settings)


def read(path: Path) -> LexborHTMLParser:
    return LexborHTMLParser(path.read_text(encoding="utf-8"))


def text(tree: LexborHTMLParser, selector: str) -> str:
    node = tree.css_first(selector)
    assert node is not None, selector
    return " ".join(node.text().split())


@pytest.fixture
def crawled(project: Project, server: FaultServer) -> Path:
    """The report that a crawl of two pages has left."""
    add_pages(server, 2, 3)
    server.add("/1.jpg", b"", status=500, content_type="text/plain")
    args = crawl("images", start_urls=server.url("/page/0"), follow="next", job="cats")
    run = project.run(*args, **FEW)
    assert run.code == 0
    report = project.jobs / "cats" / "report.html"
    (line,) = run.lines("the report is in")
    assert line.endswith(str(report))
    return report


def test_a_crawl_leaves_its_report(project: Project, crawled: Path) -> None:
    tree = read(crawled)
    assert text(tree, "h1") == "Crawl report cats"
    assert "Done: nothing is pending." in text(tree, "header")
    assert "6 discovered" in text(tree, "#totals .card")
    assert text(tree, "#totals .legend") == "stored 5 duplicate 0 failed 1 pending 0"
    assert text(tree, "#failure-list b") == "http_500"
    assert len(tree.css("#sheet img")) == 5
    assert text(tree, "#sheet p") == "picture"
    _, out, _ = project.ask("failures")
    assert text(tree, "#again") == out.splitlines()[-1]
    assert "-a job=cats -a retry_failed=all" in out


def test_the_command_writes_it_too(
    project: Project, crawled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = text(read(crawled), "main")
    crawled.unlink()
    assert asked(project) == (0, f"{crawled}\n", "")
    assert text(read(crawled), "main") == before
    elsewhere = project.folder / "elsewhere.html"
    assert asked(project, "--job", "cats", "-o", str(elsewhere))[:2] == (0, f"{elsewhere}\n")
    assert text(read(elsewhere), "main") == before
    opened = project.folder / "opened"
    script = project.folder / "browser.py"
    script.write_text(f"import pathlib, sys; pathlib.Path({str(opened)!r}).write_text(sys.argv[1])")
    monkeypatch.setenv("BROWSER", f"{sys.executable} {script} %s")
    assert asked(project, "--seconds", "0")[:2] == (0, f"{crawled}\n")
    assert "no time to show" in text(read(crawled), "#images")
    assert asked(project, "--open") == (0, f"{crawled}\n", "")
    assert opened.read_text() == crawled.as_uri()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--job", "dogs"], "there is no job 'dogs': there are cats"),
        (["cats"], "name a job with --job"),
        (["--seconds", "nan"], "'nan' is no number of seconds"),
        (["--output", "/no/such/folder/x.html"], "the report cannot be written to /no/such"),
    ],
)
def test_bad_options_are_one_line(
    project: Project, crawled: Path, options: list[str], words: str
) -> None:
    code, out, err = asked(project, *options)
    assert code != 0
    assert words in err
    assert "Traceback" not in err
    assert out == ""


def test_a_broken_job_is_one_line(project: Project, crawled: Path) -> None:
    (crawled.parent / "frontier.sqlite").write_bytes(b"no database " * 1000)
    code, out, err = asked(project)
    assert (code, out) == (1, "")
    assert "cannot be read" in err
    assert "Traceback" not in err


def test_without_any_job(project: Project) -> None:
    code, _, err = asked(project)
    assert code == 1
    assert "there is no job in" in err


def test_help_has_examples(project: Project) -> None:
    code, out, _ = asked(project, "--help")
    assert code == 0
    assert "scrapy report --open" in " ".join(out.split())


def test_while_it_runs(project: Project) -> None:
    with FaultServer(latency=0.2) as server:
        bodies = add_images(server, 200)
        (project.folder / "list.txt").write_text("\n".join(bodies))
        process = project.start(*project.images(urls=project.folder / "list.txt", job="slow"))
        while len(server.hits()) < 20 and process.poll() is None:
            time.sleep(0.01)
        code, out, err = asked(project)
        running = process.poll() is None
        process.terminate()
        process.communicate(timeout=30)
    assert running
    assert (code, err) == (0, "")
    tree = read(Path(out.strip()))
    assert "Not done: " in text(tree, "header") or "pending" in text(tree, "header")


def test_it_is_never_what_makes_a_crawl_fail(project: Project, server: FaultServer) -> None:
    add_images(server, 1)
    (project.folder / "list.txt").write_text(server.url("/0.jpg"))
    args = crawl("images", urls=project.folder / "list.txt", job="x")
    (project.jobs / "x" / "report.html").mkdir(parents=True)
    run = project.run(*args)
    assert run.code == 0
    (line,) = run.lines("the report cannot be written to")
    assert "WARNING" in line
    assert "Traceback" not in run.log
    assert len(project.files()) == 1


def test_it_can_be_switched_off(project: Project, server: FaultServer) -> None:
    add_images(server, 1)
    (project.folder / "list.txt").write_text(server.url("/0.jpg"))
    args = crawl("images", urls=project.folder / "list.txt", job="x")
    run = project.run(*args, IMAGECRAWL_REPORT_ENABLED=False)
    assert run.code == 0
    assert not run.lines("report")
    assert not (project.jobs / "x" / "report.html").exists()


def test_a_job_in_a_folder_of_its_own(project: Project, server: FaultServer) -> None:
    server.add("/0.jpg", b"", status=404, content_type="text/plain")
    (project.folder / "list.txt").write_text(server.url("/0.jpg"))
    jobdir = project.folder / "my job"
    args = crawl("images", urls=project.folder / "list.txt")
    assert project.run(*args, JOBDIR=jobdir).code == 0
    again = text(read(jobdir / "report.html"), "#again")
    assert f"'JOBDIR={jobdir}'" in again
    code, out, _ = asked(project, JOBDIR=jobdir)
    assert (code, out) == (0, f"{jobdir / 'report.html'}\n")
    assert text(read(jobdir / "report.html"), "#again") == again
