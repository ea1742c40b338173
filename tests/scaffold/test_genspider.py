"""A spider from a template: its test fails until one line is filled in, and then all works."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from imagecrawl.demo.faultserver import FaultServer, Forever
from imagecrawl.demo.gallery import sample_image
from tests.crawl.warm import Starter
from tests.projectcopy import ProjectCopy


@dataclass(frozen=True)
class Kind:
    template: str
    page: str
    unfilled: str
    filled: str
    images: int

    @property
    def name(self) -> str:
        return f"my-{self.template}.2"

    @property
    def module(self) -> str:
        return f"my_{self.template}_2"

    @property
    def spider(self) -> str:
        return f"imagecrawl/spiders/{self.module}.py"

    @property
    def test(self) -> str:
        return f"tests/spiders/test_{self.module}.py"


KINDS = [
    Kind("gallery", "/p1", 'pictures = "fill-in"', 'pictures = "main"', 4),
    Kind("list", "/list", 'entries = "fill-in"', 'entries = "h2 a"', 4),
    Kind("sitemap", "/p1", 'pictures = "fill-in"', 'pictures = "main img"', 4),
    Kind("api", "/api/1", 'pictures = "fill_in"', 'pictures = "photos[].src"', 4),
]


def put(server: FaultServer, path: str, text: str, content_type: str = "text/html") -> None:
    server.add(path, text.encode(), content_type=content_type)


def site(server: FaultServer) -> None:
    """Put four pictures on *server*, in pages of two, named in all the ways, and a logo."""
    for n in range(5):
        faults = ["reset_before"] if n == 2 else []
        server.add(f"/{n}.jpg", sample_image(n, size=(32, 24)), faults=faults)
    for page, following in ((1, "<a rel=next href=/p2>2</a>"), (2, "")):
        pictures = "".join(f'<img src="/{n}.jpg">' for n in (2 * page - 2, 2 * page - 1))
        html = f"<header><img src=/4.jpg></header><main>{pictures}</main>{following}"
        put(server, f"/p{page}", html)
        entry = f"<h2><a href=/e{page}>An entry</a></h2>"
        put(server, f"/e{page}", f"<main>{pictures}</main>")
        put(server, "/list" if page == 1 else "/list2", entry + following.replace("/p2", "/list2"))
    for page in (1, 2):
        photos = [{"src": f"/{n}.jpg"} for n in (2 * page - 2, 2 * page - 1)]
        answer = {"photos": photos, "next": "/api/2" if page == 1 else None}
        put(server, f"/api/{page}", json.dumps(answer), "application/json")
    pages = "".join(f"<url><loc>{server.url(f'/p{n}')}</loc></url>" for n in (1, 2))
    put(server, "/sitemap.xml", f"<urlset>{pages}</urlset>", "text/xml")


def test_from_the_template_to_the_pictures(copy: ProjectCopy, server: FaultServer) -> None:
    """With a spider of each template in the same project."""
    site(server)
    for kind in KINDS:
        made = copy.run(
            "scrapy", "genspider", "-t", kind.template, kind.name, server.url(kind.page)
        )
        assert made.returncode == 0, made.stderr
        assert "is saved in" in made.stdout
        (page,) = (copy.folder / "tests/spiders/pages").glob(f"{kind.module}.*")
        assert page.read_bytes() == server.body(kind.page)
    assert len(list((copy.folder / "tests/spiders/pages").iterdir())) == len(KINDS)
    _ruff(copy, *(kind.spider for kind in KINDS), *(kind.test for kind in KINDS))

    failing = copy.run("pytest", "tests/spiders")
    assert failing.returncode == 1
    for kind in KINDS:
        assert f"FAILED {kind.test}::" in failing.stdout
    # The summary has the question once more where pytest does not shorten it (CI is set).
    asked = re.findall(
        r"^E +AssertionError: nothing is found: .* filled in\?$", failing.stdout, re.M
    )
    assert len(asked) == len(KINDS), failing.stdout
    checked = copy.run("scrapy", "check")
    assert checked.returncode == 1, checked.stderr
    assert all(f"\nFAIL: [{kind.name}] " in checked.stderr for kind in KINDS), checked.stderr

    for kind in KINDS:
        copy.edit(kind.spider, kind.unfilled, kind.filled)
    passing = copy.run("pytest", "tests/spiders")
    assert passing.returncode == 0 and f"{len(KINDS)} passed" in passing.stdout, passing.stdout
    checked = copy.run("scrapy", "check")
    assert checked.returncode == 0, checked.stderr

    for kind in KINDS:
        settings = ("-s", f"IMAGES_STORE={kind.module}", "-s", "IMAGECRAWL_BACKOFF_BASE_SECS=0.1")
        crawled = copy.run("scrapy", "crawl", kind.name, *settings)
        assert crawled.returncode == 0, crawled.stderr[-3000:]
        files = (copy.folder / kind.module / "full").glob("*/*.jpg")
        bodies = {server.body(f"/{n}.jpg") for n in range(kind.images)}
        assert {file.read_bytes() for file in files} == bodies


def _ruff(copy: ProjectCopy, *files: str) -> None:
    if find_spec("ruff"):  # in CI the tests run before the linters are installed
        for words in (("check",), ("format", "--check")):
            done = copy.run("ruff", *words, *files)
            assert done.returncode == 0, done.stdout


def test_scrapys_own_templates_are_there(copy: ProjectCopy) -> None:
    listed = copy.run("scrapy", "genspider", "--list").stdout
    names = re.findall(r"^  (\w+)", listed, re.M)  # all of them below each other
    assert names == ["basic", "crawl", "csvfeed", "xmlfeed", *(kind.template for kind in KINDS)]
    made = copy.run("scrapy", "genspider", "-t", "crawl", "plain", "example.com")
    assert made.returncode == 0 and "using template 'crawl'" in made.stdout
    assert "CrawlSpider" in (copy.folder / "imagecrawl/spiders/plain.py").read_text()
    assert "class $classname" in copy.run("scrapy", "genspider", "-d", "basic").stdout
    assert "pictures" in copy.run("scrapy", "genspider", "-d", "gallery").stdout


def test_the_spider_can_be_opened_in_an_editor(copy: ProjectCopy) -> None:
    (copy.folder / "editor.py").write_text("import sys; print('editing', sys.argv[1])")
    editor = f"EDITOR={sys.executable} editor.py"
    args = ("genspider", "-t", "api", "edited", "example.com", "--no-page", "-e", "-s", editor)
    made = copy.run("scrapy", *args)
    spider = copy.folder.resolve() / "imagecrawl" / "spiders" / "edited.py"
    assert made.returncode == 0 and f"editing {spider}" in made.stdout, made.stderr


@pytest.mark.parametrize("template", ["api", "basic"])
def test_an_editor_that_is_not_there_is_told_in_one_line(copy: ProjectCopy, template: str) -> None:
    args = ("genspider", "-t", template, "edited", "example.com", "--no-page", "--edit")
    made = copy.run("scrapy", *args, "-s", "EDITOR=no-such-editor -w")
    assert made.returncode == 1 and "'no-such-editor -w' cannot be run" in made.stderr
    assert len(made.stderr.splitlines()) == 1
    assert (copy.folder / "imagecrawl/spiders/edited.py").exists()


def test_the_commands_that_are_shown_run_as_they_are_typed(
    copy: ProjectCopy, server: FaultServer
) -> None:
    path = "/p?a=1&b=$x y"
    made = copy.run("scrapy", "genspider", "-t", "gallery", "roses", server.url(path))
    *_, fetch, _, test = made.stdout.splitlines()
    server.add("/p?a=1&b=$x%20y", b"<img src=a.jpg>", content_type="text/html")
    assert _typed(copy, fetch).returncode == 0
    assert (
        copy.folder / "tests/spiders/pages/roses.html"
    ).read_bytes().strip() == b"<img src=a.jpg>"
    failing = _typed(copy, test)
    assert failing.returncode == 1 and "filled in?" in failing.stdout, failing.stderr


@pytest.mark.skipif(os.name == "nt", reason="the commands are for a POSIX shell")
def test_from_a_subfolder_the_commands_that_are_shown_run_there(
    copy: ProjectCopy, server: FaultServer
) -> None:
    put(server, "/p", "<img src=a.jpg>")
    docs = copy.folder / "the docs"
    docs.mkdir()
    line = f"python -m scrapy genspider -t gallery roses {server.url('/p')} --no-page"
    made = _typed(copy, line, docs)
    *_, fetch, _, test = made.stdout.splitlines() or [made.stderr]
    # Both in one shell, as they are typed.
    done = _typed(copy, f"{fetch}\n{test}", docs)
    assert done.returncode == 1 and "filled in?" in done.stdout, done.stderr
    assert (copy.folder / "tests/spiders/pages/roses.html").exists()
    assert not list(docs.iterdir())


def _typed(
    copy: ProjectCopy, line: str, folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        line,
        shell=True,
        cwd=folder or copy.folder,
        env=copy.environment(),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("folder", ["", "docs"])
def test_in_the_environment_of_the_readme_its_commands_are_shown(
    copy: ProjectCopy, server: FaultServer, folder: str
) -> None:
    """It is in no shell's path, and the package is not found from a subfolder."""
    (copy.folder / folder).mkdir(exist_ok=True)
    venv.create(copy.folder / ".venv", symlinks=True)
    python = copy.folder / ".venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    args = ("scrapy", "genspider", "-t", "gallery", "gone", server.url("/gone"))
    root = str(copy.folder.resolve())
    code = f"import site, runpy, sys; site.addsitedir({sysconfig.get_path('purelib')!r})"
    code += f"; sys.path.insert(0, {root!r})"
    made = subprocess.run(
        [
            python,
            "-c",
            f"{code}; sys.argv = {list(args)}; runpy.run_module('scrapy', run_name='__main__')",
        ],
        cwd=copy.folder / folder,
        env=copy.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    *_, fetch, _, test = made.stdout.splitlines() or [made.stderr]
    page = "tests/spiders/pages/gone.html"
    python = f"cd {root} && python3" if folder else "python3"
    assert fetch == f"  {python} -m imagecrawl fetch --nolog {server.url('/gone')} > {page}"
    assert test == f"  {python} -m imagecrawl test tests/spiders/test_gone.py"


def test_a_page_that_cannot_be_had_again_is_kept(copy: ProjectCopy, server: FaultServer) -> None:
    put(server, "/p", "<p>here")
    args = ("genspider", "-t", "gallery", "roses", "--force")
    assert copy.run("scrapy", *args, server.url("/p")).returncode == 0
    made = copy.run("scrapy", *args, server.url("/gone"))
    assert made.returncode == 0 and "is still there" in made.stdout
    assert (copy.folder / "tests/spiders/pages/roses.html").read_bytes() == b"<p>here"


@pytest.mark.parametrize("address", ["/news/index.xml", "/news/sitemap.xml", "/robots.txt"])
def test_a_sitemap_for_an_address(copy: ProjectCopy, server: FaultServer, address: str) -> None:
    site(server)
    sitemap = server.body("/sitemap.xml").decode().replace("<urlset>", "<urlset><url></url>")
    put(server, "/news/sitemap.xml", sitemap, "text/xml")
    index = f"<sitemap><loc>{server.url('/news/sitemap.xml')}</loc></sitemap>"
    put(server, "/news/index.xml", f"<sitemapindex>{index}</sitemapindex>", "text/xml")
    put(server, "/robots.txt", f"Sitemap: {server.url('/news/index.xml')}", "text/plain")
    url = server.url(address)
    made = copy.run("scrapy", "genspider", "-t", "sitemap", "news", url)
    assert made.returncode == 0 and f"{server.url('/p1')} is saved in" in made.stdout, made.stderr
    assert f'sitemaps = ("{url}",)' in (copy.folder / "imagecrawl/spiders/news.py").read_text()
    copy.edit("imagecrawl/spiders/news.py", 'pictures = "fill-in"', 'pictures = "main"')
    assert copy.run("pytest", "tests/spiders/test_news.py").returncode == 0


def test_a_sitemap_that_is_not_there(copy: ProjectCopy, server: FaultServer) -> None:
    url = server.url("/gone.xml")
    made = copy.run("scrapy", "genspider", "-t", "sitemap", "news", url)
    assert made.returncode == 0 and "Save a page in" in made.stdout
    assert f"fetch --nolog {server.url('/')} >" in made.stdout
    assert url in (copy.folder / "imagecrawl/spiders/news.py").read_text()


def test_it_says_why_a_page_is_not_saved(copy: ProjectCopy, server: FaultServer) -> None:
    put(server, "/page.xml", "<p>no sitemap")
    put(server, "/empty.xml", "<urlset></urlset>", "text/xml")
    server.add("/reset", b"", faults=Forever("reset_before"))
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        refusing = f"127.0.0.1:{closed.getsockname()[1]}"
        for number, (template, address, problem) in enumerate(
            [
                ("gallery", f"http://{refusing}/x", "http://{0}/x: could not be had (refused)"),
                ("gallery", server.url("/gone"), "{1}/gone: could not be had (http_404)"),
                ("api", server.url("/reset"), "{1}/reset: could not be had (reset)"),
                ("sitemap", server.url("/gone.xml"), "{1}/gone.xml: could not be had (http_404)"),
                ("sitemap", server.url("/page.xml"), "{1}/page.xml is no sitemap: "),
                ("sitemap", server.url("/empty.xml"), "{1}/empty.xml names no page"),
                ("gallery", "nowhere.invalid", "https://nowhere.invalid: could not be had (dns)"),
                ("gallery", refusing, "could not be had (refused); is it http://{0}?"),
            ]
        ):
            made = copy.run("scrapy", "genspider", "-t", template, f"s{number}", address)
            assert made.returncode == 0 and "Save a page in" in made.stdout
            (line,) = made.stderr.splitlines()
            assert problem.format(refusing, server.url("/").rstrip("/")) in line


def test_without_a_page_the_test_says_how_to_save_one(
    copy: ProjectCopy, server: FaultServer
) -> None:
    args = ("genspider", "-t", "gallery", "gone", server.url("/gone"))
    made = copy.run("scrapy", *args)
    assert made.returncode == 0, made.stderr
    command = f"scrapy fetch --nolog {server.url('/gone')} > "
    assert command in made.stdout
    failing = copy.run("pytest", "tests/spiders/test_gone.py")
    assert failing.returncode == 1 and command in failing.stdout
    assert not list(copy.folder.glob(".scrapy/**/*")), "it has left a job behind"

    before = len(server.hits())
    again = copy.run("scrapy", *args)
    assert again.returncode == 1 and "--force" in again.stderr
    forced = copy.run("scrapy", *args, "--force", "--no-page")
    assert forced.returncode == 0
    assert len(server.hits()) == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("images", "example.com"), "images.py is there, and genspider has not made it"),
        (("base", "example.com"), "base.py is there, and genspider has not made it"),
        (("class", "example.com"), "'class' is a keyword of Python"),
        (("../up", "example.com"), "no usable name"),
        (("class", "example.com", "-t", "basic"), "'class' is a keyword of Python, reserved"),
        (("../up", "example.com", "-t", "basic"), "no usable name"),
        (("", "example.com", "-t", "basic"), "no usable name"),
        (("fine", "ftp://example.com"), "is not fetched"),
        (("imagecrawl", "example.com"), "name of the project"),
        (("fine", "example.com", "-t", "nosuch"), "no template 'nosuch'"),
        (("images", "example.com", "-t", "basic"), "has not made it"),
        (("base", "example.com", "-t", "crawl"), "has not made it"),
        (("base", "example.com", "--force"), "has not made it"),
        (("pages", "example.com", "--force"), "has not made it"),
        (("images", "example.com", "--force"), "has not made it"),
        (("rows", "example.com", "-t", "basic", "--force"), "has not made it"),
        (("imagecrawl", "example.com", "-t", "basic"), "name of the project"),
        (("--dump", "nosuch"), "no template 'nosuch'"),
    ],
)
def test_what_cannot_be_made(untouched: Starter, words: tuple[str, ...], message: str) -> None:
    before = _files(untouched.folder)
    made = untouched.run(["genspider", "-t", "gallery", *words])
    assert made.returncode == 1 and message in made.stderr
    assert len(made.stderr.splitlines()) == 1
    assert "--force" not in made.stderr
    assert _files(untouched.folder) == before


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starter]:
    """Starts commands in a project that none of them changes."""
    copy = ProjectCopy(tmp_path_factory.mktemp("untouched") / "project")
    starter = Starter(copy.folder, copy.environment())
    yield starter
    starter.close()


def _files(folder: Path) -> set[Path]:
    return {file for file in folder.rglob("*") if "__pycache__" not in file.parts}
