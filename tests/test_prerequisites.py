"""Which settings of Scrapy's are refused at once?"""

from __future__ import annotations

from typing import Any

import pytest
from scrapy.settings import Settings

from imagecrawl.errors import ConfigError
from imagecrawl.prerequisites import check_prerequisites
from imagecrawl.spidermiddlewares.frontier import FrontierMiddleware
from imagecrawl.spidermiddlewares.images import ImageRequestsMiddleware


@pytest.mark.parametrize(
    "path", ["no.such.Reactor", "os.path", "", "twisted.internet.pollreactor.PollReactor"]
)
def test_a_reactor_without_asyncio(path: str) -> None:
    with pytest.raises(ConfigError, match=f"^TWISTED_REACTOR='{path}' "):
        check_prerequisites(Settings({"TWISTED_REACTOR": path}))


@pytest.mark.parametrize(
    ("table", "priority", "good"),
    [
        *(({}, "project", True), ({FrontierMiddleware: 10}, "cmdline", True)),
        ({FrontierMiddleware: None}, "project", False),
        ({"imagecrawl.spidermiddlewares.frontier.FrontierMiddleware": None}, "spider", False),
        ({ImageRequestsMiddleware: 750}, "cmdline", False),
    ],
)
def test_a_table_without_the_frontier(table: Any, priority: str, good: bool) -> None:
    settings = Settings({"IMAGECRAWL_FRONTIER_ENABLED": True})
    settings.set("SPIDER_MIDDLEWARES", table, priority=priority)
    if not good:
        with pytest.raises(ConfigError, match="SPIDER_MIDDLEWARES leaves out"):
            check_prerequisites(settings)
    settings.set("IMAGECRAWL_FRONTIER_ENABLED", good, priority="cmdline")
    check_prerequisites(settings)
