"""A bad deployment is noticed, told in one line, and taken back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scrapyd.conftest import running
from tests.scrapyd.node import ScrapydNode, copy_project

BROKEN = {
    # what is changed in the sources, and what the check must say
    "syntax": ("imagecrawl/spiders/images.py", "def (\n", "SyntaxError"),
    # `scrapy list` would not notice: only a crawl loads a pipeline.
    "dependency": ("imagecrawl/pipelines/store.py", "import no_such_package\n", "no_such_package"),
    "print": ("imagecrawl/spiders/base.py", "print('hello')\n", "'hello'"),
    "version": ("pyproject.toml", "", "needed is pillow>=99"),
}


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, binaries: Path, egg: Path
) -> Iterator[ScrapydNode]:
    """A node that each test leaves as it was: with one version."""
    yield from running(ScrapydNode(tmp_path_factory.mktemp("served"), binaries).bring(egg))


def deploy(node: ScrapydNode, project: Path) -> str:
    """Deploy as the guide does; return what ``scrapyd-deploy`` says."""
    done = node.client(project, "scrapyd-deploy")
    # Its exit code says nothing: that is why there is a check.
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_good_one(empty_node: ScrapydNode, project: Path) -> None:
    nothing = empty_node.client(project, "scrapy", "deploycheck")
    assert (nothing.returncode, nothing.stderr) == (
        1,
        "imagecrawl: error: the node has no project 'imagecrawl'\n",
    )
    assert '"status": "ok"' in deploy(empty_node, project)
    for arguments in ((), (empty_node.url + "/",), ("default", "--expect", "images")):
        done = empty_node.client(project, "scrapy", "deploycheck", *arguments)
        assert done.returncode == 0, done.stderr
        assert "with the spiders images" in done.stdout
    (version,) = empty_node.ask("listversions", project="imagecrawl")["versions"]
    assert f"version {version} of imagecrawl" in done.stdout


@pytest.mark.parametrize("what", BROKEN)
def test_a_bad_one_is_taken_back(what: str, served: ScrapydNode, tmp_path: Path) -> None:
    node = served
    (good,) = node.ask("listversions", project="imagecrawl")["versions"]
    bad = copy_project(tmp_path / "bad")
    path, added, says = BROKEN[what]
    text = (bad / path).read_text()
    if what == "version":
        text = text.replace("pillow>=11.3", "pillow>=99")
    (bad / path).write_text(text + added)
    answer = deploy(node, bad)
    assert ('"status": "error"' in answer) == (what != "print"), answer
    assert len(node.ask("listversions", project="imagecrawl")["versions"]) == 2
    # The check runs in the project as it is meant to be.
    done = node.client(copy_project(tmp_path / "meant"), "scrapy", "deploycheck")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert says in line and line.endswith(f"the node goes on with {good}"), line
    assert node.ask("listversions", project="imagecrawl")["versions"] == [good]
    log = node.run(start_urls="http://localhost:1/", setting="RETRY_TIMES=0")
    assert "discovered" in log


def test_a_project_that_is_broken_here_too(served: ScrapydNode, tmp_path: Path) -> None:
    (good,) = served.ask("listversions", project="imagecrawl")["versions"]
    bad = copy_project(tmp_path / "bad")
    path = bad / "imagecrawl/spiders/images.py"
    path.write_text(path.read_text() + "\nraise RuntimeError('broken')\n")
    deploy(served, bad)
    done = served.client(bad, "scrapy", "deploycheck")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr, done.stderr
    assert done.stderr.splitlines()[-1].endswith(f"the node goes on with {good}"), done.stderr
    assert served.ask("listversions", project="imagecrawl")["versions"] == [good]
    # What loads there is left alone, whatever does not load here.
    done = served.client(bad, "scrapy", "deploycheck")
    assert done.returncode == 1 and "does not load here" in done.stderr
    assert served.ask("listversions", project="imagecrawl")["versions"] == [good]


def test_the_last_version_is_not_removed_for_its_spiders(
    served: ScrapydNode, tmp_path: Path
) -> None:
    more = copy_project(tmp_path / "more")
    spider = 'import scrapy\n\n\nclass New(scrapy.Spider):\n    name = "new"\n'
    (more / "imagecrawl/spiders/new.py").write_text(spider)
    for arguments in ((), ("--expect", "imagse"), ("--expect", " images, new ,")):
        done = served.client(more, "scrapy", "deploycheck", *arguments)
        assert done.returncode == 1 and "it is still there" in done.stderr, done.stderr
    assert len(served.ask("listversions", project="imagecrawl")["versions"]) == 1
    assert served.client(more, "scrapy", "deploycheck", "--expect", " images,").returncode == 0


def test_it_is_known_which_version_new_jobs_would_run(
    node: ScrapydNode, project: Path, egg: Path
) -> None:
    (first,) = node.ask("listversions", project="imagecrawl")["versions"]
    for version in ("1.9.0", "1.10.0"):
        node.client(project, "scrapyd-deploy", "--egg", str(egg), "--version", version)
    # Scrapyd has made 1_10_0 of it, and all are sorted as text.
    stored = node.ask("listversions", project="imagecrawl")["versions"]
    assert stored == [first, "1_10_0", "1_9_0"]
    done = node.client(project, "scrapy", "deploycheck", "--version", "1.10.0")
    assert done.returncode == 1
    assert "new jobs would run version 1_9_0, which the node takes for newer" in done.stderr
    assert node.ask("listversions", project="imagecrawl")["versions"] == stored
    assert node.client(project, "scrapy", "deploycheck", "--version", "1.9.0").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("http://localhost:1",), "http://localhost:1 cannot be reached"),
        (("elsewhere",), "scrapy.cfg has no target 'elsewhere': there are default"),
        (("http:///",), "no URL of a Scrapyd"),
        (("--project", "other"), "the node has no project 'other'"),
        (("--expect", "images,more", "--keep"), "the spiders more are not in it; it is still"),
    ],
)
def test_what_else_may_be_wrong(
    arguments: tuple[str, ...], says: str, served: ScrapydNode, project: Path
) -> None:
    done = served.client(project, "scrapy", "deploycheck", *arguments)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert says in line
    assert len(served.ask("listversions", project="imagecrawl")["versions"]) == 1


def test_the_password(tmp_path: Path, binaries: Path, project: Path, egg: Path) -> None:
    node = ScrapydNode(tmp_path, binaries, username="me", password="secret")
    node.start()
    try:
        refused = node.client(project, "scrapy", "deploycheck")
        assert refused.returncode == 1
        assert "answers 401 Unauthorized (is the password right?)" in refused.stderr
        netrc = tmp_path / ".netrc"
        netrc.write_text("machine localhost login me password secret\n")
        netrc.chmod(0o600)
        node.client(project, "scrapyd-deploy", "--egg", str(egg))
        assert node.client(project, "scrapy", "deploycheck").returncode == 0
        netrc.unlink()
        inside = node.url.replace("//", "//me:secret@")
        done = node.client(project, "scrapy", "deploycheck", inside)
        assert done.returncode == 0, done.stderr
        assert "secret" not in done.stdout
    finally:
        node.stop()
        shutil.rmtree(tmp_path / "node", ignore_errors=True)
