"""imagecrawl in a project that is not its own, installed from its wheel."""

from __future__ import annotations

import json
from collections import Counter
from importlib.util import find_spec

import pytest

from imagecrawl.demo.faultserver import FaultServer, Forever
from imagecrawl.demo.gallery import sample_image
from tests.addon.shop import ADDONS, Shop

FAULTS = ((), ("reset_before",), ("truncate_length",), ("status_503",))


def page(server: FaultServer) -> tuple[str, set[bytes]]:
    """Put a page with four pictures on *server*; return its URL, and their bodies."""
    for n, faults in enumerate(FAULTS):
        server.add(f"/{n}.jpg", sample_image(n, size=(32, 24)), faults=list(faults))
    html = "".join(f'<img src="/{n}.jpg">' for n in range(len(FAULTS)))
    server.add("/page", html.encode(), content_type="text/html")
    return server.url("/page"), {server.body(f"/{n}.jpg") for n in range(len(FAULTS))}


def hits(server: FaultServer) -> Counter[str]:
    return Counter(hit.path for hit in server.hits() if hit.path != "/robots.txt")


def test_it_is_the_wheel(shop: Shop) -> None:
    done = shop.run("-c", "import imagecrawl; print(imagecrawl.__file__)")
    assert done.stdout.startswith(str(shop.python.parent.parent)), done.stderr


def test_a_plain_spider_gets_it_all(shop: Shop, server: FaultServer) -> None:
    url, bodies = page(server)
    crawled = shop.scrapy("crawl", "photos", "-a", f"page={url}", "-O", "feed.jsonl")
    assert crawled.returncode == 0 and "Traceback" not in crawled.stderr, crawled.stderr[-3000:]
    assert shop.images() == bodies
    assert "settings: [3, 2, 0.1, 'shop']" in crawled.stderr
    records = [json.loads(line) for line in (shop.folder / "feed.jsonl").read_text().splitlines()]
    assert [(one["price"], one["currency"]) for one in records] == [(3, "EUR")] * 4
    assert (shop.folder / "images" / "images.jsonl").exists()
    assert hits(server)["/1.jpg"] == 2
    assert next(hit for hit in server.hits()).headers["user-agent"].startswith("Mozilla/5.0")

    before = hits(server)
    assert shop.scrapy("crawl", "photos", "-a", f"page={url}").returncode == 0
    assert hits(server) == before, "the same command goes on where it stopped"


@pytest.mark.parametrize("process", ["CrawlerProcess", "AsyncCrawlerProcess"])
def test_from_a_script(shop: Shop, server: FaultServer, process: str) -> None:
    url, bodies = page(server)
    shop.write(
        "script.py",
        f"""
from scrapy.crawler import {process}

from shop.spiders.photos import PhotosSpider

{ADDONS}
process = {process}({{"ADDONS": ADDONS, "IMAGECRAWL_BACKOFF_BASE_SECS": 0.1}})
process.crawl(PhotosSpider, page={url!r})
process.start()
""",
    )
    (shop.folder / "scrapy.cfg").unlink()
    crawled = shop.run("script.py")
    assert crawled.returncode == 0 and "Traceback" not in crawled.stderr, crawled.stderr[-3000:]
    assert shop.images() == bodies


def test_the_commands_come_with_a_setting(shop: Shop, server: FaultServer) -> None:
    url, bodies = page(server)
    server.add("/3.jpg", b"", faults=Forever("reset_before"))
    commands = '\nCOMMANDS_MODULE = "imagecrawl.commands"\n'
    settings = (shop.folder / "shop/settings.py").read_text()
    shop.write("shop/settings.py", settings + commands)
    crawled = shop.scrapy("crawl", "photos", "-a", f"page={url}", "-a", "job=one")
    assert crawled.returncode == 0, crawled.stderr[-3000:]
    assert shop.images() < bodies and len(shop.images()) == 3
    failures = shop.scrapy("failures", "--job", "one")
    assert server.url("/3.jpg") in failures.stdout, failures.stderr
    bad = shop.scrapy("crawl", "photos", "-s", "CONCURRENT_REQUESTS=many")
    assert bad.returncode == 1 and "CONCURRENT_REQUESTS='many'" in bad.stderr
    made = shop.scrapy("genspider", "-t", "gallery", "roses", url)
    assert made.returncode == 0, made.stderr
    assert (shop.folder / "tests/spiders/pages/roses.html").exists()
    failing = shop.run("-m", "pytest", "tests/spiders/test_roses.py")
    assert failing.returncode == 1 and "filled in?" in failing.stdout, failing.stderr
    spider = shop.folder / "shop/spiders/roses.py"
    spider.write_text(spider.read_text().replace("fill-in", "body"))
    assert shop.run("-m", "pytest", "tests/spiders/test_roses.py").returncode == 0
    checked = shop.scrapy("check", "roses")
    assert checked.returncode == 0, checked.stderr


def test_our_spiders_come_with_a_setting(shop: Shop, server: FaultServer) -> None:
    url, bodies = page(server)
    settings = (shop.folder / "shop/settings.py").read_text()
    both = 'SPIDER_MODULES = ["shop.spiders", "imagecrawl.spiders"]'
    shop.write("shop/settings.py", f"{settings}\n{both}\nITEM_PIPELINES = {{}}\n")
    crawled = shop.scrapy("crawl", "images", "-a", f"start_urls={url}", "-a", "formats=jpeg")
    assert crawled.returncode == 0, crawled.stderr[-3000:]
    assert shop.images() == bodies


@pytest.mark.skipif(not find_spec("mypy"), reason="the linters are not installed")
def test_a_new_spider_is_typed(shop: Shop) -> None:
    settings = (shop.folder / "shop/settings.py").read_text()
    shop.write("shop/settings.py", f'{settings}\nCOMMANDS_MODULE = "imagecrawl.commands"\n')
    files = []
    for template in ("gallery", "list", "sitemap", "api"):
        args = ("-t", template, f"a-{template}", "example.com", "--no-page")
        assert shop.scrapy("genspider", *args).returncode == 0
        files += [f"shop/spiders/a_{template}.py", f"tests/spiders/test_a_{template}.py"]
    checked = shop.run("-m", "mypy", "--strict", *files)
    assert checked.returncode == 0, checked.stdout


FRONTIER = "imagecrawl.spidermiddlewares.frontier.FrontierMiddleware"


@pytest.mark.parametrize("commands", [True, False], ids=["ours", "scrapys"])
@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("TWISTED_REACTOR = 'twisted.internet.selectreactor.SelectReactor'", "SelectReactor'"),
        (f"SPIDER_MIDDLEWARES = {{'{FRONTIER}': None}}", "IMAGECRAWL_FRONTIER_ENABLED=False"),
    ],
)
def test_what_imagecrawl_cannot_work_with(
    shop: Shop, server: FaultServer, setting: str, words: str, commands: bool
) -> None:
    url, _ = page(server)
    settings = (shop.folder / "shop/settings.py").read_text()
    ours = 'COMMANDS_MODULE = "imagecrawl.commands"' if commands else ""
    shop.write("shop/settings.py", f"{settings}\n{setting}\n{ours}\n")
    crawled = shop.scrapy("crawl", "photos", "-a", f"page={url}")
    assert setting.split()[0] in crawled.stderr and words in crawled.stderr
    assert crawled.returncode == 1
    if commands:
        (line,) = crawled.stderr.splitlines()
        assert line.startswith("imagecrawl: error: ")
    assert not hits(server)


def test_a_table_of_the_command_line_without_the_frontier(shop: Shop, server: FaultServer) -> None:
    url, bodies = page(server)
    args = ("crawl", "photos", "-a", f"page={url}", "-s", "SPIDER_MIDDLEWARES={}")
    crawled = shop.scrapy(*args)
    assert f"SPIDER_MIDDLEWARES leaves out {FRONTIER}" in crawled.stderr and not hits(server)
    images = "imagecrawl.spidermiddlewares.images.ImageRequestsMiddleware"
    table = f'SPIDER_MIDDLEWARES={{"{images}": 750}}'
    args = (*args[:-1], table, "-s", "IMAGECRAWL_FRONTIER_ENABLED=False")
    assert shop.scrapy(*args).returncode == 0
    assert shop.images() and shop.images() <= bodies
