"""What has a callback found? For contracts and tests: pictures to fetch, and pages to go to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from scrapy import Request

from imagecrawl.discovery.candidates import ImageCandidate
from imagecrawl.image_urls import image_requests
from imagecrawl.items import ImageItem
from imagecrawl.meta import IMAGE_KEY


@dataclass(frozen=True, slots=True)
class Found:
    """The URLs that the output of a callback names, in order."""

    images: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)


def found_in(output: Iterable[Any], page_url: str) -> Found:
    """Return what is in *output*, which came of the page at *page_url*.

    Images are image Requests, the URLs of ``image_urls`` items, and the candidates that
    ``image_candidates`` returns; pages are all other Requests.
    """
    found = Found()
    for one in output:
        for made in image_requests(one, page_url):
            if isinstance(made, (ImageCandidate, ImageItem)):
                found.images.append(made.url)
            elif isinstance(made, Request):
                (found.images if IMAGE_KEY in made.meta else found.pages).append(made.url)
    return found
