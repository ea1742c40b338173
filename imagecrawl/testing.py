"""How does a test let a spider read a saved page? Without an engine, and without the network."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterable
from pathlib import Path
from typing import Any

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, JsonResponse, Request, TextResponse, XmlResponse
from scrapy.utils.project import get_project_settings
from scrapy.utils.spider import iterate_spider_output

from imagecrawl.defaults import VALUES
from imagecrawl.found import Found, found_in
from imagecrawl.scaffold.pagekinds import image_format, is_json, page_kind
from imagecrawl.scaffold.typed import fetch_command

_RESPONSES: dict[str, type[TextResponse]] = {".json": JsonResponse, ".xml": XmlResponse}


def parse_saved(spidercls: type[Spider], file: Path, url: str, **arguments: str) -> Found:
    """Return what ``parse`` of the spider finds on the page saved in *file*.

    *url* is where the page came from, so that its links can be resolved; *arguments* are the
    spider's, as after ``-a``. The suffix of the file tells what it is: ``.json``, ``.xml``, or
    else HTML. Raises :exc:`FileNotFoundError`, which says how to save the page, and
    :exc:`ValueError` where an image is saved, or something else for JSON.
    """
    if not file.exists():
        raise FileNotFoundError(
            f"there is no saved page {file}: save it there, for instance with "
            f"`{fetch_command(url, file)}`"
        )
    body = file.read_bytes()
    _check_kind(file, body)
    response_class = _RESPONSES.get(file.suffix, HtmlResponse)
    response = response_class(url, body=body, request=Request(url))
    settings = get_project_settings()
    settings.setdict(VALUES, priority="command")  # no add-on is applied without a crawl
    spider = spidercls.from_crawler(Crawler(spidercls, settings), **arguments)
    output: Any = spider.parse(response)
    if inspect.isawaitable(output) or isinstance(output, AsyncIterable):
        output = asyncio.run(_collected(output))
    return found_in(iterate_spider_output(output), url)


def _check_kind(file: Path, body: bytes) -> None:
    # A spider takes an image in place of a page for its find, whatever it is looking for.
    if image_format(body) or (file.suffix == ".json" and not is_json(body)):
        wanted = "JSON" if file.suffix == ".json" else "a page"
        raise ValueError(f"{file} is {page_kind(body)}, not {wanted}: save another one there")


async def _collected(output: Any) -> Any:
    if inspect.isawaitable(output):
        output = await output
    return [one async for one in output] if isinstance(output, AsyncIterable) else output
