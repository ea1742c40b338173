"""``@images 3``: does a callback find the pictures of a page?"""

from __future__ import annotations

from typing import Any

from scrapy.contracts import Contract
from scrapy.exceptions import ContractFail
from scrapy.http import Response

from imagecrawl.found import found_in


class ImagesContract(Contract):
    """``@images [least [most]]``: at least that many images are found on the page, 1 by default,
    and not more than *most*.

    For a callback, and for the hook ``image_candidates`` as well. Other sizes of one picture
    are no images of their own, unless the spider asks for all.
    """

    name = "images"

    def __init__(self, method: Any, *args: str) -> None:
        super().__init__(method, *args)
        bounds = _bounds([one for one in args if one])  # Scrapy gives an empty one for none
        self._least = bounds[0] if bounds else 1
        self._most = bounds[1] if len(bounds) == 2 else None
        self._page_url = ""

    def pre_process(self, response: Response) -> None:
        self._page_url = response.url

    def post_process(self, output: list[Any]) -> None:
        count = len(found_in(output, self._page_url).images)
        if count < self._least or (self._most is not None and count > self._most):
            most = "" if self._most is None else f", and at most {self._most}"
            raise ContractFail(f"found {count} images, expected at least {self._least}{most}")


def _bounds(words: list[str]) -> list[int]:
    """Return the numbers that *words* are. Raises :exc:`ValueError`, which says what is wrong."""
    typed = " ".join(["@images", *words])
    if len(words) > 2:
        raise ValueError(f"{typed}: it takes at most two numbers, not {len(words)}")
    for word in words:
        if not (word.isascii() and word.isdigit()):
            raise ValueError(f"{typed}: {word!r} is no number of images")
    numbers = [int(word) for word in words]
    if len(numbers) == 2 and numbers[1] < numbers[0]:
        raise ValueError(f"{typed}: at least {numbers[0]} and at most {numbers[1]} cannot be")
    return numbers
