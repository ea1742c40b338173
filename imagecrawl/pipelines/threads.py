"""Where is work done that would hold up the event loop: decoding, hashing, writing?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class ImageThreads:
    """A few threads of our own.

    Scrapy's reactor has a pool too, but it resolves host names there: a dead name server would
    hold up every image, and a large image every name.
    """

    def __init__(self, count: int) -> None:
        self._pool = ThreadPoolExecutor(max(1, count), thread_name_prefix="image")

    async def run(self, function: Callable[..., T], *args: object) -> T:
        """Call *function* in one of the threads and return what it returns."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, _call, function, *args)

    def close(self) -> None:
        """Wait for what is running."""
        self._pool.shutdown(wait=True)


def _call(function: Callable[..., T], *args: object) -> T:
    try:
        return function(*args)
    except StopIteration as error:  # a Future takes everything but this, and waits for ever
        raise RuntimeError(f"{function} has raised StopIteration") from error
