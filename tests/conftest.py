"""What every test needs."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import hypothesis
import pytest

# Hundreds of crawls are started: each would compile our modules anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Few users have set it: what is written is to come in the right order, and at all, without it.
os.environ.pop("PYTHONUNBUFFERED", None)

# A shell that starts CI in the background has it ignore SIGINT, and every child inherits that: a
# crawl in a test could not be interrupted as a user interrupts it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A machine that is busy with something else makes no test fail.
hypothesis.settings.register_profile("no deadline", deadline=None)
hypothesis.settings.load_profile("no deadline")


@pytest.fixture(autouse=True)
def project_is_forgotten() -> Iterator[None]:
    """Scrapy names the project in the environment, as soon as anybody asks for its settings; the
    crawls of the tests that follow, in folders of their own, would find it there."""
    before = os.environ.get("SCRAPY_SETTINGS_MODULE")
    yield
    if before is None:
        os.environ.pop("SCRAPY_SETTINGS_MODULE", None)


_SLOW = ("scrapyd", "scaffold", "test_tutorial", "crawl", "addon", "test_documented_commands")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take minutes: at the end they would keep one worker busy, and the
    others waiting. (xdist would begin with those that have the most tests, and these are quick:
    hence ``--no-loadscope-reorder`` in pyproject.toml.)"""
    places = {name: number for number, name in enumerate(_SLOW)}

    def place(item: pytest.Item) -> int:
        names = (item.path.parent.name, item.path.stem)
        return min(places.get(name, len(_SLOW)) for name in names)

    items.sort(key=place)
