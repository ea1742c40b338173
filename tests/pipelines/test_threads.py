"""Where is work done that would hold up the event loop?"""

from __future__ import annotations

import asyncio

import pytest

from imagecrawl.pipelines.threads import ImageThreads


def test_nobody_waits_for_ever_for_what_has_raised_stop_iteration() -> None:
    threads = ImageThreads(1)

    async def run() -> object:
        return await asyncio.wait_for(threads.run(next, iter(())), 10)

    with pytest.raises(RuntimeError, match="StopIteration"):
        asyncio.run(run())
    threads.close()
