"""A crawl of the gallery from its first page to the verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from imagecrawl.demo.crawl import crawl
from imagecrawl.demo.faultserver import FaultServer
from imagecrawl.demo.gallery import START_PAGE
from imagecrawl.demo.report import Report, examine, sha256
from imagecrawl.errors import ImagecrawlError
from imagecrawl.typed import scrapy_command

Say = Callable[[str], None]


def play(
    server: FaultServer,
    urls: Sequence[str],
    store: Path,
    say: Say,
    *,
    settings: Mapping[str, str] | None = None,
    verbose: bool = False,
) -> Report:
    """Crawl the gallery that *server* serves into *store*, and examine what has arrived.

    Raises :exc:`ImagecrawlError` if the crawl could not start.
    """
    forget(server, urls, store)
    # One job for each store: its lists are replaced each time, and no other job's are touched.
    job = f"demo-{sha256(str(store).encode())[:12]}"
    arguments = {
        "start_urls": server.url(START_PAGE),
        "follow": "next",
        "job": job,
        "restart": "true",
    }
    shown = ("-a", f"start_urls={arguments['start_urls']}", "-a", "follow=next")
    say(scrapy_command("crawl", "images", *shown))
    exit_code = crawl(arguments, {**(settings or {}), "IMAGES_STORE": str(store)}, say, verbose)
    if exit_code == 1:  # it has said why
        raise ImagecrawlError("its crawl could not start")
    return examine(server, urls, store, job, exit_code)


def forget(server: FaultServer, urls: Sequence[str], store: Path) -> None:
    """Remove the gallery's images that an earlier demo has left, and nothing else.

    A file's name is the digest of its content: there is no mistaking them.
    """
    for url in urls:
        digest = sha256(server.body(urlsplit(url).path))
        for file in (store / "full" / digest[:2]).glob(f"{digest}.*"):
            file.unlink()
