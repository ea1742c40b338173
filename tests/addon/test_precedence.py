"""Whose setting is it in the end: the project's, the add-on's, or Scrapy's?"""

from __future__ import annotations

from typing import Any

import pytest
from scrapy.settings import Settings

from imagecrawl import settings as project
from imagecrawl.addon import ImageCrawlAddon
from imagecrawl.defaults import TABLES, VALUES

INSPECT = "imagecrawl.pipelines.inspect.InspectPipeline"
RETRY = "scrapy.downloadermiddlewares.retry.RetryMiddleware"
OFFSITE = "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware"


def applied(settings: Settings) -> Settings:
    """Apply the add-on as a crawl does: once for the process, once for the crawler."""
    ImageCrawlAddon.update_pre_crawler_settings(settings)
    crawlers = settings.copy()
    ImageCrawlAddon().update_settings(crawlers)
    return crawlers


def components(settings: Settings, name: str) -> dict[str, Any]:
    table = settings.get_component_priority_dict_with_base(name)
    return {
        key if isinstance(key, str) else f"{key.__module__}.{key.__qualname__}": place
        for key, place in table.items()
    }


def test_without_settings_of_its_own_a_project_gets_what_ours_has() -> None:
    theirs, ours = applied(Settings()), Settings()
    ours.setmodule(project)
    for name in VALUES:
        assert theirs[name] == ours[name], name
    for name in set(TABLES) - {"DOWNLOAD_HANDLERS"}:
        assert components(theirs, name) == components(ours, name), name
    assert theirs.getwithbase("DOWNLOAD_HANDLERS")._to_dict() == (
        ours.getwithbase("DOWNLOAD_HANDLERS")._to_dict()
    )


def test_no_bodies_in_a_projects_log_unless_it_wants_them() -> None:
    assert applied(Settings())["LOG_FORMATTER"] == project.LOG_FORMATTER
    own = applied(Settings({"LOG_FORMATTER": "their.Own"}, priority="project"))
    assert own["LOG_FORMATTER"] == "their.Own"


def test_what_is_the_projects_alone_stays_out() -> None:
    default = Settings()
    settings = applied(Settings())
    for name in ("BOT_NAME", "SPIDER_MODULES", "COMMANDS_MODULE", "LOG_LEVEL"):
        assert settings[name] == default[name]
        assert name not in VALUES


def test_a_projects_own_value_wins() -> None:
    settings = applied(Settings({"RETRY_TIMES": 3, "IMAGECRAWL_HOST_FAILURES": {"dns": 9}}))
    assert settings["RETRY_TIMES"] == 3
    assert settings.getdict("IMAGECRAWL_HOST_FAILURES") == {"dns": 9}
    assert settings["CONCURRENT_REQUESTS"] == project.CONCURRENT_REQUESTS


def test_a_table_is_joined_line_by_line() -> None:
    own = {
        "ITEM_PIPELINES": {INSPECT: 50, "scrapy.pipelines.files.FilesPipeline": 900},
        "DOWNLOADER_MIDDLEWARES": {
            RETRY: 560,
            "imagecrawl.middlewares.slot.HostSlotMiddleware": None,
        },
        "DOWNLOAD_HANDLERS": {"http": "shop.Handler"},
    }
    settings = applied(Settings(own))
    pipelines = components(settings, "ITEM_PIPELINES")
    assert pipelines[INSPECT] == 50 and pipelines["scrapy.pipelines.files.FilesPipeline"] == 900
    assert pipelines["imagecrawl.pipelines.store.StorePipeline"] == 300
    middlewares = components(settings, "DOWNLOADER_MIDDLEWARES")
    assert middlewares[RETRY] == 560 and OFFSITE not in middlewares
    assert "imagecrawl.middlewares.slot.HostSlotMiddleware" not in middlewares
    handlers = settings.getdict("DOWNLOAD_HANDLERS")
    assert handlers == {**project.DOWNLOAD_HANDLERS, "http": "shop.Handler"}


@pytest.mark.parametrize(("priority", "count"), [("spider", 5), ("cmdline", 1)])
def test_a_spiders_table_is_joined_and_one_from_the_command_line_is_all(
    priority: str, count: int
) -> None:
    settings = Settings()
    ImageCrawlAddon.update_pre_crawler_settings(settings)
    own = {"scrapy.pipelines.files.FilesPipeline": 900}
    settings.set("ITEM_PIPELINES", own, priority=priority)
    ImageCrawlAddon().update_settings(settings)
    assert len(components(settings, "ITEM_PIPELINES")) == count
