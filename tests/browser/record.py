"""Record what Chromium loads of each page, in ``tests/pages/loaded.json``.

python -m tests.browser.record [NAME ...]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from dataclasses import asdict

from tests.browser.chromium import Chromium, Loaded
from tests.browser.pageset import PAGES, Page, all_pages
from tests.browser.server import PageServer

LOADED = PAGES / "loaded.json"


def read_loaded() -> dict[str, Loaded]:
    """Return what was recorded, by the pages' names."""
    recorded = json.loads(LOADED.read_text(encoding="utf-8"))
    return {name: Loaded(**lists) for name, lists in recorded.items()}


def visit_all(pages: Iterable[Page]) -> dict[str, Loaded]:
    """Return what Chromium loads of *pages*."""
    with PageServer() as server, Chromium(server) as browser:
        return {page.name: browser.visit(page.url) for page in pages}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="the pages to visit; all of them without")
    names = parser.parse_args().names
    loaded = read_loaded() if names else {}
    loaded |= visit_all([Page(name) for name in names] or all_pages())
    text = json.dumps({n: asdict(loaded[n]) for n in sorted(loaded)}, indent=1, ensure_ascii=False)
    LOADED.write_text(text + "\n", encoding="utf-8")
    print(f"{len(loaded)} pages, {sum(len(page.images) for page in loaded.values())} pictures")


if __name__ == "__main__":
    main()
