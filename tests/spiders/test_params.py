"""Which arguments does the spider take, and are they right?"""

from __future__ import annotations

import pytest

from imagecrawl.errors import ConfigError
from imagecrawl.spiders.params import Follow, parse_params

A, B = "http://a/", "https://b/x?y=1,2"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {}),
        ({"urls": "list.txt"}, {"urls": "list.txt"}),
        ({"urls": "-", "job": "cats", "restart": "true"}, {"urls": "-", "restart": True}),
        ({"start_urls": A}, {"start_urls": (A,)}),
        ({"start_urls": f"{A},{B}"}, {"start_urls": (A, B)}),
        ({"start_urls": f" {A} , {B} "}, {"start_urls": (A, B)}),
        ({"start_urls": B}, {"start_urls": (B,)}),
        ({"start_urls": [A, B]}, {"start_urls": (A, B)}),  # as a resumed job has them
        ({"start_urls": A, "follow": "next", "depth": "0"}, {"follow": Follow.NEXT, "depth": 0}),
        ({"start_urls": A, "follow": "site"}, {"follow": Follow.SITE, "depth": None}),
        ({"urls": "a", "start_urls": ""}, {"urls": "a", "start_urls": ()}),
        ({"urls": "a", "_job": "6487ec79947edab326d6db28a2d86511e8247444"}, {"urls": "a"}),
        *(({"restart": yes}, {"restart": True}) for yes in ("1", "yes", "True", "on", True)),
        *(({"restart": no}, {"restart": False}) for no in ("0", "no", "false", "off", False)),
    ],
)
def test_good_arguments(given, expected):
    params = parse_params(given)
    assert {name: getattr(params, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"start_url": A}, "unknown argument start_url=: did you mean start_urls=?"),
        ({"url": "x"}, "unknown argument url=: did you mean urls=?"),
        ({"Follow": "next"}, "did you mean follow=?"),
        (
            {"zzz": "1"},
            "unknown argument zzz=: there are urls, start_urls, url_column",
        ),
        ({"urls": "a", "start_urls": A}, "urls= and start_urls= or sitemap= exclude each other"),
        ({"urls": "a", "follow": "next"}, "follow= goes with start_urls="),
        ({"start_urls": A, "depth": "2"}, "depth= needs follow="),
        ({"start_urls": A, "follow": "all"}, "follow='all': Input should be 'none', 'next' or"),
        ({"follow": "next", "depth": "-1"}, "depth='-1': "),
        ({"follow": "next", "depth": "two"}, "depth='two': "),
        ({"follow": "next", "depth": "1.5"}, "depth='1.5': "),
        ({"restart": "maybe"}, "restart='maybe': "),
        ({"job": 5}, "job=5: "),
        ({"start_urls": "example.com"}, "start_urls='example.com': 'example.com' is no URL"),
        ({"start_urls": f"{A},ftp://h/"}, "ftp: is not fetched"),
        ({"start_urls": "http://"}, "no usable host"),
        ({"start_urls": "cats\ndogs"}, "'cats\\ndogs' is no URL"),
        ({"zz": "1", "depth": "x"}, "; "),
        ({"two\nlines": "1"}, "unknown argument"),
    ],
)
def test_bad_arguments_are_named_in_one_line(given, words):
    with pytest.raises(ConfigError) as caught:
        parse_params(given)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_problem_is_named_at_once():
    with pytest.raises(ConfigError) as caught:
        parse_params({"restart": "maybe", "follow": "all", "zz": "1"})
    assert all(name in str(caught.value) for name in ("restart=", "follow=", "zz="))


def test_what_has_an_input():
    assert parse_params({"urls": "a"}).has_input
    assert parse_params({"start_urls": A}).has_input
    assert not parse_params({"urls": "", "job": "cats"}).has_input
