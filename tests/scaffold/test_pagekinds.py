"""What comes is looked at: a page that the template is not for is refused, in one line."""

from __future__ import annotations

import gzip
import json

import pytest

from imagecrawl.demo.faultserver import FaultServer
from imagecrawl.demo.gallery import sample_image
from tests.projectcopy import ProjectCopy

JPEG = sample_image(1, size=(32, 24))
PAGE = b"<!doctype html><title>x</title><img src=1.jpg>"
PHOTOS = json.dumps({"photos": [{"src": "1.jpg"}]}).encode()
SITEMAP = b"<?xml version='1.0'?><urlset><url><loc>/p</loc></url></urlset>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'></svg>"


@pytest.mark.parametrize(
    ("template", "body", "content_type", "message"),
    [
        ("gallery", JPEG, "image/jpeg", "is an image (JPEG), and no page: give the page"),
        ("list", JPEG, "text/html", "is an image (JPEG), and no page"),
        ("sitemap", JPEG, "image/jpeg", "is an image (JPEG), and no page"),
        ("api", JPEG, "application/json", "is an image (JPEG), and no page"),
        ("gallery", SVG, "image/svg+xml", "is an image (SVG), and no page"),
        ("gallery", PHOTOS, "application/json", "is JSON, and -t gallery is for HTML: -t api is"),
        ("list", PHOTOS, "text/html", "is JSON, and -t list is for HTML: -t api is for that"),
        ("list", SITEMAP, "text/xml", "is a sitemap, and -t list is for HTML: -t sitemap is for"),
        ("gallery", b"words", "text/plain", "is plain text, and -t gallery is for HTML"),
        ("gallery", b"%PDF-1.4 ...", "application/pdf", "is a file (pdf), and -t gallery is for"),
        ("sitemap", PHOTOS, "application/json", "-t sitemap is for a sitemap or HTML: -t api"),
        ("api", PAGE, "text/html", "is HTML, and -t api is for JSON: -t gallery or -t list is"),
        ("api", PAGE, "application/json", "is HTML, and -t api is for JSON"),
        ("api", PHOTOS[:-3], "application/json", "is broken JSON, and -t api is for JSON"),
    ],
)  # fmt: skip
def test_another_kind_of_page_is_refused(
    copy: ProjectCopy,
    server: FaultServer,
    template: str,
    body: bytes,
    content_type: str,
    message: str,
) -> None:
    url = _put(server, body, content_type)
    made = copy.run("scrapy", "genspider", "-t", template, "roses", url)
    assert made.returncode == 1 and message in made.stderr, made.stderr
    assert len(made.stderr.splitlines()) == 1 and not made.stdout
    assert not list(copy.folder.rglob("*roses*")) and not (copy.folder / "tests").exists()


@pytest.mark.parametrize(
    ("template", "body", "content_type"),
    [
        ("gallery", b"Welcome! <img src=1.jpg>", "text/html"),
        ("gallery", b"<x-page><img src=1.jpg></x-page>", "text/html; charset=utf-8"),
        ("gallery", "\u65e5\u672c <p>".encode("shift-jis"), "text/html; charset=shift_jis"),
        ("gallery", SVG.replace(b"</svg>", b"<p></svg><p>"), "text/html"),
        ("gallery", PAGE, "application/octet-stream"),
        ("list", b"<?xml version='1.0'?><html xmlns='x'/>", "application/xhtml+xml"),
        ("api", b"\xef\xbb\xbf[]", "text/plain"),
    ],
)
def test_what_is_a_page_to_a_browser_is_one(
    copy: ProjectCopy, server: FaultServer, template: str, body: bytes, content_type: str
) -> None:
    made = copy.run(
        "scrapy", "genspider", "-t", template, "roses", _put(server, body, content_type)
    )
    assert made.returncode == 0 and "is saved in" in made.stdout, made.stderr
    (page,) = (copy.folder / "tests/spiders/pages").iterdir()
    assert page.read_bytes() == body


def test_a_refusal_changes_nothing_also_with_force(copy: ProjectCopy, server: FaultServer) -> None:
    args = ("scrapy", "genspider", "-t", "gallery", "roses")
    assert copy.run(*args, _put(server, PAGE, "text/html")).returncode == 0
    files = [file for file in copy.folder.rglob("*roses*") if file.suffix != ".pyc"]
    before = [file.read_bytes() for file in files]
    assert copy.run(*args, _put(server, JPEG, "image/jpeg"), "--force").returncode == 1
    assert len(files) == 3 and [file.read_bytes() for file in files] == before


def test_an_empty_answer_is_no_page(copy: ProjectCopy, server: FaultServer) -> None:
    url = _put(server, b"", "text/html")
    made = copy.run("scrapy", "genspider", "-t", "gallery", "roses", url)
    assert made.returncode == 0 and "Save a page in" in made.stdout
    assert made.stderr == f"imagecrawl: {url}: could not be had (empty)\n"


def test_a_sitemap_is_known_by_what_it_is(copy: ProjectCopy, server: FaultServer) -> None:
    """Not by its address only."""
    server.add("/p", PAGE, content_type="text/html")
    url = _put(server, SITEMAP, "text/xml")
    made = copy.run("scrapy", "genspider", "-t", "sitemap", "roses", url)
    assert made.returncode == 0 and f"{server.url('/p')} is saved in" in made.stdout, made.stderr
    assert f'sitemaps = ("{url}",)' in (copy.folder / "imagecrawl/spiders/roses.py").read_text()


def test_an_image_for_a_sitemap_is_refused(copy: ProjectCopy, server: FaultServer) -> None:
    server.add("/sitemap.xml", JPEG)
    url = server.url("/sitemap.xml")
    made = copy.run("scrapy", "genspider", "-t", "sitemap", "roses", url)
    assert made.returncode == 1 and f"{url} is an image (JPEG)" in made.stderr


def test_a_page_of_a_sitemap_that_is_none_is_told(copy: ProjectCopy, server: FaultServer) -> None:
    names = "".join(f"<url><loc>{server.url(path)}</loc></url>" for path in ("/a.pdf", "/data"))
    server.add("/sitemap.xml", gzip.compress(f"<urlset>{names}</urlset>".encode()))
    server.add("/data", PHOTOS, content_type="application/json")
    made = copy.run("scrapy", "genspider", "-t", "sitemap", "roses", server.url("/sitemap.xml"))
    assert made.returncode == 0 and "Save a page in" in made.stdout
    assert f"{server.url('/data')}, of the sitemap, is JSON, not HTML" in made.stderr


@pytest.mark.parametrize(
    ("template", "page", "body", "message"),
    [
        ("gallery", "roses.html", JPEG, "roses.html is an image (JPEG), not a page"),
        ("api", "roses.json", JPEG, "roses.json is an image (JPEG), not JSON"),
        ("api", "roses.json", PAGE, "roses.json is HTML, not JSON"),
        ("list", "roses.html", JPEG, "roses.html is an image (JPEG), not a page"),
        ("gallery", "roses.html", SVG, "roses.html is an image (SVG), not a page"),
        ("gallery", "roses.html", PHOTOS, "filled in?"),
    ],
)
def test_the_unfilled_test_fails_whatever_is_saved_by_hand(
    copy: ProjectCopy, template: str, page: str, body: bytes, message: str
) -> None:
    made = copy.run("scrapy", "genspider", "-t", template, "roses", "example.com", "--no-page")
    assert made.returncode == 0
    (copy.folder / "tests/spiders/pages" / page).write_bytes(body)
    failing = copy.run("pytest", "tests/spiders/test_roses.py")
    assert failing.returncode == 1 and message in failing.stdout, failing.stdout


def _put(server: FaultServer, body: bytes, content_type: str) -> str:
    server.add("/page", body, content_type=content_type)
    return server.url("/page")
