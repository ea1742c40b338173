"""What does a cookie cost? Nothing but itself."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from imagecrawl.demo.gallery import sample_image
from tests.crawl.project import Project, crawl
from tests.rawserver import Asked, RawServer


@pytest.fixture
def silent_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> socket.socket:
    """A proxy for HTTPS that listens and says nothing; nobody has the list of suffixes yet."""
    listener = socket.create_server(("127.0.0.1", 0))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{listener.getsockname()[1]}")
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{listener.getsockname()[1]}")
    monkeypatch.setenv("TLDEXTRACT_CACHE", str(tmp_path / "suffixes"))
    monkeypatch.delenv("TLDEXTRACT_PUBLIC_SUFFIX_LIST_URLS", raising=False)
    return listener


def was_asked(listener: socket.socket) -> bool:
    with listener:
        listener.setblocking(False)
        try:
            listener.accept()[0].close()
        except BlockingIOError:
            return False
        return True


def test_a_cookie_downloads_no_list_of_suffixes(
    project: Project, silent_proxy: socket.socket
) -> None:
    body = sample_image(1)

    def answer(asked: Asked) -> None:
        asked.answer(body, Set_Cookie="sid=1; Path=/; Domain=127.0.0.1")

    with RawServer(answer) as server:
        urls = [server.url(f"/{n}.png") for n in range(4)]
        path = project.folder / "list.txt"
        path.write_text("\n".join(urls), encoding="utf-8")
        run = project.run(*crawl("images", urls=path), timeout=60, CONCURRENT_REQUESTS_PER_DOMAIN=1)
    assert run.code == 0, run.log[-3000:]
    assert "discovered 4 = stored 1 + duplicate 3" in run.log
    assert [asked.headers.get("cookie") for asked in server.asked[-3:]] == ["sid=1"] * 3
    assert not was_asked(silent_proxy)


def test_nor_does_a_script_that_asks_tldextract_itself(
    project: Project, silent_proxy: socket.socket
) -> None:
    with RawServer(
        lambda asked: asked.answer(b"<html></html>", Content_Type="text/html")
    ) as server:
        run = project.script(
            f"""
import tldextract
from scrapy import Spider
from scrapy.crawler import AsyncCrawlerProcess

class Pages(Spider):
    name = "pages"
    start_urls = [{server.url("/")!r}]

    def parse(self, response):
        self.logger.info("suffix %s", tldextract.extract("http://a.co.uk/").suffix)

process = AsyncCrawlerProcess({{
    **SETTINGS, "ADDONS": {{"imagecrawl.addon.ImageCrawlAddon": 500}}, "ROBOTSTXT_OBEY": False,
    "FAKEUSERAGENT_PROVIDERS": ["imagecrawl.middlewares.browser_provider.BrowserProvider"],
}})
process.crawl(Pages)
process.start()
""",
            timeout=60,
        )
    assert "suffix co.uk" in run.log, run.log[-3000:]
    assert not was_asked(silent_proxy)
