"""A real Chromium visits the saved pages: is the record of what it loads still true?

Without a browser this fails, and says what to install; nothing here is skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import pytest

from imagecrawl.discovery.images import ImageExtractor
from tests.browser.chromium import Loaded
from tests.browser.pageset import all_pages
from tests.browser.record import read_loaded, visit_all
from tests.discovery.recall import Score


@pytest.fixture(scope="module")
def visited() -> dict[str, Loaded]:
    """What is loaded now. A page that is not as on record is visited once more: where a late
    ``base`` comes, Chromium may have asked for what is before it or not, as its parser was
    interrupted or not. What its rules say is the same each time."""
    loaded, recorded = visit_all(all_pages()), read_loaded()
    other = [page for page in all_pages() if loaded[page.name] != recorded.get(page.name)]
    return loaded | visit_all(other)


def rows(pages: dict[str, Loaded]) -> Iterator[tuple[str, str, str]]:
    for name, loaded in pages.items():
        for kind, urls in asdict(loaded).items():
            yield from ((name, kind, url) for url in urls)


def test_chromium_loads_what_is_on_record(visited: dict[str, Loaded]) -> None:
    recorded = set(rows(read_loaded()))
    now = set(rows(visited))
    changes = [("new", *row) for row in now - recorded]
    changes += [("gone", *row) for row in recorded - now]
    # The rules change from one release of a browser to the next, but not many of them; and for
    # ``sizes=auto`` one of two sizes is loaded, as the layout is ready early or late.
    hint = "python -m tests.browser.record"
    assert len(changes) <= len(recorded) // 100, "\n".join([hint, *map(str, sorted(changes))])


def test_recall_and_precision_by_what_is_loaded_now(visited: dict[str, Loaded]) -> None:
    result = Score(browser=visited)
    for page in all_pages():
        result.add(page, ImageExtractor().extract(page.response()))
    assert result.recall >= 0.995, result.report()
    assert result.precision >= 0.95, result.report()
