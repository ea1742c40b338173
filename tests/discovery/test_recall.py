"""The saved pages, against what Chromium was recorded to load of them.

``tests/browser/test_recall.py`` checks that the record is still true.
"""

from __future__ import annotations

from itertools import chain

import pytest

from imagecrawl.discovery.images import ImageExtractor
from tests.browser.pageset import all_pages
from tests.browser.record import read_loaded
from tests.discovery.recall import Score, declared_pages, score


@pytest.fixture(scope="module")
def result() -> Score:
    return score(ImageExtractor().extract, all_pages())


def test_what_a_browser_loads_is_found(result: Score) -> None:
    assert result.loaded > 700
    assert result.recall >= 0.995, result.report()


def test_what_is_found_is_a_picture(result: Score) -> None:
    assert result.precision >= 0.95, result.report()


def test_the_record_is_of_these_pages() -> None:
    names = {page.name for page in all_pages()}
    assert set(read_loaded()) == names
    assert set(declared_pages()) <= names


def test_nothing_that_is_to_be_ignored_is_on_record() -> None:
    for name, loaded in read_loaded().items():
        declared = chain(*declared_pages().get(name, {}).values())
        urls = [*loaded.images, *loaded.sheets, *loaded.parts, *declared]
        assert not [url for url in urls if "never" in url], name
