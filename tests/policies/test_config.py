"""Are the settings usable? A bad value is named before the first request."""

from __future__ import annotations

import math

import pytest

from imagecrawl.errors import ConfigError
from tests.frontier.support import config


def test_the_projects_own_settings():
    made = config()
    assert made.retry.times == 10
    assert {429, 503} <= made.retry_codes
    assert 404 not in made.retry_codes
    assert made.retry.backoff.base_secs == 1.0


@pytest.mark.parametrize("value", ["7", 7, "7 "])
def test_values_as_the_command_line_or_code_give_them(value):
    assert config(RETRY_TIMES=value, CONCURRENT_REQUESTS=value).retry.times == 7
    assert config(IMAGECRAWL_BACKOFF_BASE_SECS=value).retry.backoff.base_secs == 7.0


def test_no_retries_at_all():
    assert config(RETRY_ENABLED=False).retry.times == 0
    assert config(RETRY_HTTP_CODES="500,503").retry_codes == {500, 503}
    assert config(RETRY_HTTP_CODES="").retry_codes == frozenset()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RETRY_TIMES", -1),
        ("RETRY_TIMES", "many"),
        ("RETRY_TIMES", None),
        ("RETRY_TIMES", "1.5"),
        ("RETRY_TIMES", math.inf),
        ("RETRY_HTTP_CODES", "500,x"),
        ("CONCURRENT_REQUESTS", 0),
        ("CONCURRENT_REQUESTS_PER_DOMAIN", 0),
        ("IMAGECRAWL_BACKOFF_BASE_SECS", -0.1),
        ("IMAGECRAWL_BACKOFF_BASE_SECS", "nan"),
        ("IMAGECRAWL_BACKOFF_MAX_SECS", 0.5),
        ("IMAGECRAWL_BACKOFF_JITTER", -1),
        ("IMAGECRAWL_BACKOFF_JITTER", 5),
        ("IMAGECRAWL_READ_AHEAD_ENTRIES", 0),
        ("IMAGECRAWL_DOUBTFUL_RETRY_TIMES", "x"),
        ("IMAGECRAWL_SHUTDOWN_GRACE_SECS", "soon"),
        ("IMAGECRAWL_STALL_TIMEOUT_SECS", 0),
        ("IMAGECRAWL_STALL_TIMEOUT_SECS", "soon"),
        ("IMAGECRAWL_IMAGE_THREADS", "x"),
        ("IMAGECRAWL_MAX_PIXELS", "x"),
    ],
)
def test_a_bad_value_is_named(name, value):
    with pytest.raises(ConfigError) as caught:
        config(**{name: value})
    message = str(caught.value)
    assert name in message
    assert "\n" not in message
