from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagecrawl.discovery.srcset import SrcsetCandidate as C
from imagecrawl.discovery.srcset import parse_srcset

A, B = "data:,a", "data:,b"

SPLITTING = [
    ("", []),
    (",", []),
    (",,,", []),
    (" \t\n\f\r", []),
    ("data:,a", [A]),
    ("data:,a ", [A]),
    (" data:,a", [A]),
    ("data:,a ,", [A]),
    ("data:,a,", [A]),
    ("data:,a,,, ", [A]),
    (" , ,,data:,a", [A]),
    ("\t\tdata:,a\t\t1x\t\t", [A]),
    ("\n\ndata:,a\n\n1x\n\n", [A]),
    ("\f\fdata:,a\f\f1x\f\f", [A]),
    ("\r\rdata:,a\r\r1x\r\r", [A]),
    # Not ASCII whitespace: part of the URL.
    ("\x0bdata:,a\x0b1x", ["\x0bdata:,a\x0b1x"]),
    ("\x0edata:,a", ["\x0edata:,a"]),
    ("\xa0data:,a", ["\xa0data:,a"]),
    ("data:,a\xa0", ["data:,a\xa0"]),
    ("data:,a\u3000 1x", ["data:,a\u3000"]),
    ("data:,a, data:,b", [A, B]),
    ("data:,a 1x,data:,b 2x", [A, B]),
    # A comma inside a URL does not end it, one at its end does.
    ("/w_300,h_200/a.jpg 1x, /w_600,h_400/a.jpg 2x", ["/w_300,h_200/a.jpg", "/w_600,h_400/a.jpg"]),
    ("a.jpg,b.jpg", ["a.jpg,b.jpg"]),
    ("a.jpg 1x b.jpg 2x", []),
]
PARENTHESES = [
    ("data:,a ( , data:,b 1x, ), data:,c", ["data:,c"]),
    ("data:,a ((( , data:,b 1x, ), data:,c", ["data:,c"]),
    ("data:,a [ , data:,b 1x, ], data:,c", [B, "]", "data:,c"]),
    ("data:,a { , data:,b 1x, }, data:,c", [B, "}", "data:,c"]),
    ('data:,a " , data:,b 1x, ", data:,c', [B, '"', "data:,c"]),
    ("data:,a \\,data:;\\,b, data:,c", ["data:;\\,b", "data:,c"]),
    ("data:,a, data:,b (", [A]),
    ("data:,a, data:,b (  ", [A]),
    ("data:,a, data:,b (,", [A]),
    ("data:,a, data:,b (x", [A]),
    ("data:,a, data:,b ()", [A]),
    ("data:,a (, data:,b", []),
    ("data:,a x(y z), data:,b", [B]),
    ("data:,a //, data:,b", [B]),
]


@pytest.mark.parametrize(("value", "urls"), SPLITTING + PARENTHESES)
def test_splitting(value: str, urls: list[str]) -> None:
    assert [candidate.url for candidate in parse_srcset(value)] == urls


@pytest.mark.parametrize(
    ("descriptors", "candidate"),
    [
        ("", C(A)),
        ("1x", C(A, density=1)),
        ("2x", C(A, density=2)),
        ("1.5x", C(A, density=1.5)),
        (".5x", C(A, density=0.5)),
        ("0x", C(A, density=0)),
        ("-0x", C(A, density=0)),
        ("1e0x", C(A, density=1)),
        ("1E0x", C(A, density=1)),
        ("1e-1x", C(A, density=0.1)),
        ("1.5e1x", C(A, density=15)),
        ("100w", C(A, width=100)),
        ("007w", C(A, width=7)),
        ("1w 1h", C(A, width=1, height=1)),
        ("2h 1w", C(A, width=1, height=2)),
    ],
)
def test_valid_descriptors(descriptors: str, candidate: C) -> None:
    assert parse_srcset(f"{A} {descriptors}") == [candidate]


@pytest.mark.parametrize(
    "descriptors",
    """foo|foo foo|foo 1x|foo 1x foo|foo 1w|1x 1x|1w 1w|1w 1x|1x 1w|1h 1h|1h 1x|1h 1w 1x|1x 1w 1h
    |1h|1h foo|foo 1h|0w|-1w|1w -1w|1.0w|1e0w|1www|+1w|1W|Infinityw|NaNw|0x1w|0X1w|1\x01w|1\xa0w
    |\xa01w|\u20031w|1\ufeffw|١w|w|1x -0x|-1x|1x -1x|-x|.x|-.x|1.x|1x 1.5e1x|1e1.5x|1x 1.0x|+1x
    |1X|Infinityx|NaNx|0x1x|1\x01x|1\u2009x|١x|x|1e999x|1w 0h|1w -1h|1w 1.0h|1w 1e0h|1w 1hhh
    |1w +1h|1w 1H|1w Infinityh|1w 1\xa0h|200px""".replace("\n    |", "|").split("|"),
)
def test_invalid_descriptors_drop_their_candidate(descriptors: str) -> None:
    assert parse_srcset(f"{A} {descriptors}, {B}") == [C(B)]


@pytest.mark.parametrize(
    "value",
    [
        "a " + "9" * 5000 + "w",
        "a " + "(" * 50_000,
        "a " + "1x " * 20_000,
        "," * 50_000,
        "a, " * 9999,
    ],
)
def test_hostile_values_take_no_time(value: str) -> None:
    before = time.perf_counter()
    parse_srcset(value)
    assert time.perf_counter() - before < 1


@given(st.text(alphabet="a1wxh., ()\t-e\xa0"))
def test_any_text_is_parsed(value: str) -> None:
    for candidate in parse_srcset(value):
        assert candidate.url
        assert not candidate.url.startswith(",") and not candidate.url.endswith(",")
