from __future__ import annotations

import copy
import json
import random
from collections import Counter
from importlib.resources import files
from typing import Any

import pytest

from imagecrawl.policies.identities import (
    GENERIC_HEADERS,
    Browser,
    BrowserPool,
    accept_headers,
    parse_pool,
)

BUNDLED = files("imagecrawl.data").joinpath("browsers.json").read_text(encoding="utf-8")
OLDEST = {"chrome": 155, "edge": 155, "firefox": 155, "safari": 26}


def browser(user_agent: str, weight: float) -> Browser:
    return Browser(user_agent, weight, "chrome", 158, "Linux", GENERIC_HEADERS)


def changed(**fields: Any) -> str:
    """The bundled pool with its second entry edited; a field of None is taken away."""
    data = json.loads(BUNDLED)
    data["browsers"][1].update(fields)
    entry = data["browsers"][1]
    data["browsers"][1] = {name: value for name, value in entry.items() if value is not None}
    return json.dumps(data)


def test_the_bundled_pool_is_current_and_for_desktops():
    pool = parse_pool(BUNDLED)
    assert 12 <= len(pool) <= 24
    assert {one.family for one in pool} == set(OLDEST)
    assert {one.platform for one in pool} == {"Windows", "macOS", "Linux"}
    assert all(one.major >= OLDEST[one.family] for one in pool)
    assert not [one for one in pool if "Mobile" in one.user_agent]


def test_the_bundled_pool_looks_like_the_market():
    share: Counter[str] = Counter()
    for one in parse_pool(BUNDLED):
        share[one.family] += one.weight
    assert sum(share.values()) == pytest.approx(100)
    assert share.most_common(1)[0][0] == "chrome"


def test_client_hints_and_sec_fetch_are_not_part_of_the_templates():
    for one in parse_pool(BUNDLED):
        assert set(accept_headers(one, "image")) == {"Accept", "Accept-Language"}
        assert set(accept_headers(one, "document")) == {"Accept", "Accept-Language"}


@pytest.mark.parametrize("family", sorted(OLDEST))
def test_each_family_has_its_own_headers(family):
    one = next(one for one in parse_pool(BUNDLED) if one.family == family)
    image, document = accept_headers(one, "image"), accept_headers(one, "document")
    assert image["Accept"].startswith("image/")
    assert document["Accept"].startswith("text/html,")
    assert ("image/apng" in image["Accept"]) == (family in {"chrome", "edge"})
    assert ("image/jxl" in image["Accept"]) == (family == "safari")
    assert ("signed-exchange" in document["Accept"]) == (family in {"chrome", "edge"})
    language = "en-US,en;q=0.5" if family == "firefox" else "en-US,en;q=0.9"
    assert image["Accept-Language"] == document["Accept-Language"] == language


def test_headers_of_an_unknown_browser_are_generic():
    assert accept_headers(None, "image") == GENERIC_HEADERS["image"]
    assert accept_headers(None, "document") == GENERIC_HEADERS["document"]


def test_the_caller_may_change_the_headers_it_got():
    one = parse_pool(BUNDLED)[0]
    accept_headers(one, "image")["Accept"] = "nothing"
    assert accept_headers(one, "image")["Accept"] != "nothing"


def test_picks_follow_the_weights():
    pool = BrowserPool([browser("a", 7), browser("b", 2), browser("c", 1)], random.Random(1))
    picks = Counter(pool.pick().user_agent for _ in range(20_000))
    assert picks["a"] / 20_000 == pytest.approx(0.7, abs=0.02)
    assert picks["b"] / 20_000 == pytest.approx(0.2, abs=0.02)
    assert picks["c"] / 20_000 == pytest.approx(0.1, abs=0.02)


def test_the_same_randomness_gives_the_same_picks():
    browsers = parse_pool(BUNDLED)
    one, other = (BrowserPool(browsers, random.Random(5)) for _ in range(2))
    assert [one.pick() for _ in range(50)] == [other.pick() for _ in range(50)]


def test_the_ends_of_the_range_are_picks_too():
    class Loaded(random.Random):
        value = 0.0

        def random(self) -> float:
            return self.value

    rng = Loaded()
    pool = BrowserPool([browser("a", 0.1), browser("b", 0.2)], rng)
    assert pool.pick().user_agent == "a"
    rng.value = 1.0  # never drawn, but a product may round up to the total
    assert pool.pick().user_agent == "b"


def test_a_browser_is_found_by_its_exact_user_agent():
    browsers = parse_pool(BUNDLED)
    pool = BrowserPool(browsers, random.Random())
    assert all(pool.by_user_agent(one.user_agent) is one for one in browsers)
    assert pool.by_user_agent("curl/8.0") is None
    assert pool.by_user_agent("") is None


def test_a_browser_is_a_value():
    one = parse_pool(BUNDLED)[0]
    assert hash(one) == hash(copy.copy(one))
    with pytest.raises(AttributeError):
        one.major = 1  # type: ignore[misc]


def test_a_pool_needs_a_browser():
    with pytest.raises(ValueError, match="no browser"):
        BrowserPool([], random.Random())


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"weight": 0}, "weight"),
        ({"weight": -1}, "weight"),
        ({"weight": True}, "weight"),
        ({"weight": "7"}, "weight"),
        ({"weight": float("nan")}, "weight"),
        ({"weight": float("inf")}, "weight"),
        ({"weight": None}, "needs exactly"),
        ({"more": 1}, "needs exactly"),
        ({"user_agent": ""}, "user_agent"),
        ({"user_agent": "Mozilla/5.0\r\nX: y"}, "user_agent"),
        ({"user_agent": 5}, "user_agent"),
        ({"user_agent": "Chrome/158.0.0.0 Safari/537.36"}, "does not fit"),
        ({"family": "edge"}, "does not fit"),
        ({"family": "firefox"}, "does not fit"),
        ({"family": "opera"}, "family"),
        ({"family": []}, "family"),
        ({"major": 15}, "does not fit"),
        ({"major": "157"}, "major"),
        ({"platform": "macOS"}, "does not fit"),
        ({"platform": "Android"}, "platform"),
        ({"user_agent": json.loads(BUNDLED)["browsers"][0]["user_agent"], "major": 158}, "twice"),
    ],
)
def test_a_bad_entry_is_named(fields, reason):
    with pytest.raises(ValueError, match=rf"browsers\[1\]: .*{reason}"):
        parse_pool(changed(**fields))


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"families": {}, "browsers": []}', '{"families": [], "browsers": [1]}'],
)
def test_a_text_that_is_no_pool(text):
    with pytest.raises(ValueError, match=r"^browser pool: "):
        parse_pool(text)


def test_an_entry_that_is_no_object():
    with pytest.raises(ValueError, match=r"browsers\[0\]"):
        parse_pool('{"families": {}, "browsers": ["Chrome"]}')


@pytest.mark.parametrize("template", [None, {}, {"Accept": "*/*"}, {"Accept": 1}])
def test_a_bad_template_is_named(template):
    data = json.loads(BUNDLED)
    data["families"]["edge"]["image"] = template
    with pytest.raises(ValueError, match=r"families\.edge\.image"):
        parse_pool(json.dumps(data))


def test_a_template_value_must_fit_in_a_header():
    data = json.loads(BUNDLED)
    data["families"]["edge"]["image"]["Accept"] = "*/*\r\nX: y"
    with pytest.raises(ValueError, match=r"families\.edge\.image\.Accept"):
        parse_pool(json.dumps(data))
