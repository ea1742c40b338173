"""The stats that are documented are those that there are."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCS = (ROOT / "docs" / "stats.md").read_text(encoding="utf-8")
# REASON stands for any word, as {failure.reason} does in the code.
STATS = [
    re.sub("[A-Z]+", "word", name) for name in re.findall(r"^\| `(imagecrawl/\S+)` \|", DOCS, re.M)
]
METRICS = re.findall(r"^\| `(imagecrawl_\w+)", DOCS, re.M)


def in_the_code() -> set[str]:
    """Every name of a stat that the code sets, as a pattern."""
    found = set()
    for path in (ROOT / "imagecrawl").rglob("*.py"):
        code = path.read_text(encoding="utf-8")
        found |= set(re.findall(r'(?:inc|set|max)_value\(\s*f?"(imagecrawl/[^"]+)"', code))
        found |= set(re.findall(r'_count\(\s*f?"(imagecrawl/[^"]+)"', code))
    return {
        "".join(r"\w+" if "{" in part else re.escape(part) for part in _parts(n)) for n in found
    }


def _parts(name: str) -> list[str]:
    return re.split(r"(\{[^}]*\}(?:\.replace\([^)]*\)\})?)", name)


def test_what_the_code_sets_is_documented() -> None:
    code = in_the_code()
    assert len(code) > 10
    for pattern in code:
        assert any(re.fullmatch(pattern, name) for name in STATS), pattern


def test_what_is_documented_is_set_by_the_code() -> None:
    code = in_the_code()
    for name in STATS:
        assert any(re.fullmatch(pattern, name) for pattern in code), name


def test_the_metrics_have_rows() -> None:
    assert len(METRICS) == len(set(METRICS)) == 9


def test_the_example_in_the_docs_is_the_one_that_is_tested() -> None:
    example = (ROOT / "tests" / "monitoring" / "monitors.py").read_text(encoding="utf-8")
    assert f"```python\n{example}```" in DOCS
