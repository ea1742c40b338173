from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagecrawl.policies.shard import Shard, parse_shard


@given(st.text(), st.integers(1, 50))
def test_a_site_belongs_to_exactly_one_shard(site: str, count: int) -> None:
    assert sum(Shard(number, count).takes(site) for number in range(1, count + 1)) == 1


def test_a_site_belongs_to_the_same_one_for_ever() -> None:
    sites = [f"site{n}.example" for n in range(12)]
    number = [n for site in sites for n in (1, 2, 3) if Shard(n, 3).takes(site)]
    assert number == [1, 1, 1, 2, 2, 2, 1, 2, 3, 2, 2, 3]


def test_the_shares_are_about_equal() -> None:
    sites = [f"site{n}.example" for n in range(3000)]
    sizes = Counter(n for site in sites for n in (1, 2, 3) if Shard(n, 3).takes(site))
    assert all(900 < size < 1100 for size in sizes.values())


def test_a_shard_as_text() -> None:
    assert parse_shard(" 2/3 ") == Shard(2, 3)
    assert str(Shard(2, 3)) == "2/3"


@pytest.mark.parametrize("text", ["", "3", "0/3", "4/3", "1/0", "-1/3", "1/3/5", "a/b", "1/٣"])
def test_what_is_no_shard(text: str) -> None:
    with pytest.raises(ValueError, match="1/3, 2/3 or 3/3"):
        parse_shard(text)
