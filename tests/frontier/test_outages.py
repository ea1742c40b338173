"""What the log says of outages that come and go."""

from __future__ import annotations

import logging
import random

import pytest
from scrapy.settings import Settings

from imagecrawl.config import Config
from imagecrawl.defaults import VALUES
from imagecrawl.frontier.outages import Outages


def test_hosts_that_fail_now_and_then_are_not_news_each_time(
    caplog: pytest.LogCaptureFixture,
) -> None:
    now = 0.0
    hosts = [f"site{n}.example" for n in range(6)]
    config = Config.from_settings(Settings(VALUES)).hosts
    outages = Outages(config, lambda: now, random.Random(1))
    with caplog.at_level(logging.DEBUG):
        for _ in range(8):
            for host in hosts:
                outages.answered(host)
            now += 1
            for host in hosts:
                outages.failed(host, "lost")
            assert outages.active
            now += 1
        outages.answered(hosts[0])
    told = [record for record in caplog.records if record.levelno >= logging.INFO]
    assert len(caplog.records) == 16 and len(told) == 4
    assert {record.levelname for record in told} == {"WARNING"}
    assert told[-1].message.endswith("; more of this kind at LOG_LEVEL=DEBUG")
