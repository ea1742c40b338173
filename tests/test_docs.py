"""What the docs say is what the code does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from imagecrawl import settings
from imagecrawl.outcomes import Outcome, Reason

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
# Tables of components and names, described as the room map in architecture.md.
_WIRING = {
    *("BOT_NAME", "SPIDER_MODULES", "NEWSPIDER_MODULE", "COMMANDS_MODULE", "EXTENSIONS"),
    *("DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "ITEM_PIPELINES", "DOWNLOAD_HANDLERS"),
    "SPIDER_CONTRACTS",
}
DEFAULTS: dict[str, Any] = {
    name: value for name, value in vars(settings).items() if name.isupper() and name not in _WIRING
}
ROWS = dict(re.findall(r"^\| `([A-Z_]+)` \| ([^|]+) \|", SETTINGS, re.MULTILINE))


def test_every_setting_has_a_row_and_every_row_a_setting() -> None:
    assert set(DEFAULTS) | {"JOBDIR"} == set(ROWS)


@pytest.mark.parametrize("name", sorted(set(DEFAULTS) - {"RETRY_HTTP_CODES"}))
def test_the_default_is_the_one_in_the_docs(name: str) -> None:
    documented = ROWS[name].strip()
    if documented.startswith("`"):
        assert documented.strip("`") == str(DEFAULTS[name])


def test_every_setting_of_ours_that_the_code_reads_has_a_default() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "imagecrawl").rglob("*.py"))
    read = set(re.findall(r"\bIMAGECRAWL_[A-Z_]+[A-Z]\b", code))
    assert read == {name for name in DEFAULTS if name.startswith("IMAGECRAWL_")}


def test_every_outcome_and_reason_is_explained() -> None:
    text = (ROOT / "docs" / "outcomes.md").read_text(encoding="utf-8")
    for word in (*Outcome, *Reason):
        assert f"`{word.value}`" in text, word
