"""The tutorial, typed as it stands: its commands are run, and its changes made, in its order."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from imagecrawl.demo.faultserver import FaultServer
from imagecrawl.demo.gallery import sample_image
from tests.projectcopy import ROOT, ProjectCopy

SITE = "https://books.toscrape.com/"
FOLDER = "/catalogue/category/books/mystery_3"
BOOKS = 32

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the commands are for a POSIX shell")


class Block(NamedTuple):
    """A fenced block: its language, what follows on that line, and its text."""

    language: str
    about: str
    text: str


def blocks() -> Iterator[Block]:
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    for match in re.finditer(r"^```(\w+) ?(.*)\n((?:.*\n)*?)```$", text, re.MULTILINE):
        yield Block(*match.groups())


def bookshop(server: FaultServer) -> set[bytes]:
    """Put what the tutorial is about on *server*, built as it is there; return the covers."""
    server.add("/logo.jpg", sample_image(99, size=(32, 24)))
    for n in range(BOOKS):
        faults = ["reset_before"] if n == 5 else []
        server.add(f"/media/cache/{n}.jpg", sample_image(n, size=(32, 24)), faults=faults)
    _page(server, "index.html", range(20), '<li class="next"><a href="page-2.html">next</a></li>')
    _page(server, "page-2.html", range(20, BOOKS), "")
    return {server.body(f"/media/cache/{n}.jpg") for n in range(BOOKS)}


def _page(server: FaultServer, name: str, books: range, following: str) -> None:
    articles = "".join(
        '<li><article class="product_pod"><div class="image_container">'
        f'<a href="../../../book_{n}/index.html"><img src="../../../../media/cache/{n}.jpg" '
        f'alt="Book {n}" class="thumbnail"></a></div><h3>Book {n}</h3></article></li>'
        for n in books
    )
    html = (
        '<html><header><img src="/logo.jpg"></header><h1>Mystery</h1>'
        f'<ol>{articles}</ol><ul class="pager">{following}</ul></html>'
    )
    server.add(f"{FOLDER}/{name}", html.encode(), content_type="text/html")


def run(copy: ProjectCopy, block: Block, server: FaultServer) -> str:
    """Run the commands of *block*; return what they have printed."""
    done = subprocess.run(
        ["sh", "-e", "-c", block.text.replace(SITE, server.url("/"))],
        cwd=copy.folder,
        env=copy.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    shown = f"{block.text}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    assert (done.returncode != 0) == (block.about == "fails"), shown
    return done.stdout


def edit(copy: ProjectCopy, block: Block) -> None:
    """Make the change of a diff: the lines are replaced as a whole."""
    lines = block.text.splitlines()
    old, new = ("\n".join(line[1:] for line in lines if line[:1] in kept) for kept in (" -", " +"))
    copy.edit(block.about, old, new)


def crawl_before(copy: ProjectCopy, server: FaultServer) -> bytes:
    """Crawl what is not of the tutorial into the same store; return the image."""
    server.add("/before.jpg", sample_image(100, size=(32, 24)))
    (copy.folder / "list.txt").write_text(server.url("/before.jpg"), encoding="utf-8")
    done = copy.run("scrapy", "crawl", "images", "-a", "urls=list.txt")
    assert done.returncode == 0, done.stderr[-2000:]
    return server.body("/before.jpg")


@pytest.mark.parametrize("crawled_before", [False, True], ids=["fresh", "crawled-before"])
def test_the_tutorial(tmp_path: Path, crawled_before: bool) -> None:
    copy = ProjectCopy(tmp_path / "project")
    printed = ""
    shown = []
    with FaultServer() as server:
        others = {crawl_before(copy, server)} if crawled_before else set()
        covers = bookshop(server)
        hits = {}
        for number, block in enumerate(blocks()):
            if block.language == "shell":
                printed = run(copy, block, server)
                hits[number] = len([hit for hit in server.hits() if "/media/" in hit.path])
                shown += [json.loads(line) for line in printed.splitlines() if line[:1] == "{"]
            elif block.language == "diff":
                edit(copy, block)
            else:
                assert block.text.strip() in printed
        files = (copy.folder / "images" / "full").glob("*/*.jpg")
        assert {file.read_bytes() for file in files} == covers | others
        # One is asked for twice; the second crawl asks for none, the third for all.
        once = BOOKS + 1
        assert sorted(set(hits.values())) == [0, once, once + BOOKS]
    assert [FOLDER in record["page_url"] for record in shown] == [True, True]
    assert [record.get("genre") for record in shown] == [None, "Mystery"]
    lines = (copy.folder / "images" / "images.jsonl").read_text(encoding="utf-8").splitlines()
    genres = [json.loads(line).get("genre") for line in lines]
    assert genres == [None] * len(others) + ["Mystery"] * BOOKS


def test_it_is_read_as_it_is_meant() -> None:
    languages = [block.language for block in blocks()]
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    assert len(languages) == text.count("\n```") / 2
    assert set(languages) == {"shell", "diff", "text"}
    assert languages.count("shell") >= 9
