"""``scrapy list`` says what could not run."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest
from scrapy.settings import Settings

import imagecrawl
from imagecrawl.components import check_components, wrong_dependencies
from imagecrawl.errors import ConfigError


def settings(**values: object) -> Settings:
    loaded = Settings()
    loaded.setmodule("imagecrawl.settings")
    loaded.setdict(values, priority="cmdline")
    return loaded


def test_all_of_ours_load() -> None:
    check_components(settings())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ITEM_PIPELINES", {"no_such.Pipeline": 1}),
        ("EXTENSIONS", {"imagecrawl.extensions.job.Gone": 1}),
        ("DOWNLOAD_HANDLERS", {"http": "no_such.Handler"}),
        ("FAKEUSERAGENT_PROVIDERS", ["no_such.Provider"]),
    ],
)
def test_what_does_not_load_is_named(name: str, value: object) -> None:
    with pytest.raises(ConfigError) as caught:
        check_components(settings(**{name: value}))
    assert "no_such" in str(caught.value) or "Gone" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_switched_off_need_not_load() -> None:
    check_components(settings(ITEM_PIPELINES={"no_such.Pipeline": None}))


def test_dependencies_are_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    egg = tmp_path / "imagecrawl-1.dist-info"
    egg.mkdir()
    version = metadata.version("pillow")
    lines = [
        *("Name: imagecrawl", f"Requires-Dist: pillow=={version}", "Requires-Dist: scrapy<1"),
        *("Requires-Dist: no-such-thing", 'Requires-Dist: more; extra == "more"'),
    ]
    (egg / "METADATA").write_text("Metadata-Version: 2.1\n" + "\n".join(lines) + "\n")
    monkeypatch.setattr(imagecrawl, "__file__", str(tmp_path / "imagecrawl" / "__init__.py"))
    assert wrong_dependencies() == [
        f"has scrapy {metadata.version('scrapy')}, needed is scrapy<1",
        "has no no-such-thing, needed is no-such-thing",
    ]
