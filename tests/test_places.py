"""Relative paths lead where they are meant to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scrapy.settings import Settings

from imagecrawl.errors import ConfigError
from imagecrawl.jobs.known import jobs_root
from imagecrawl.places import check_on_node, home_of, store_of


def settings(**values: Any) -> Settings:
    return Settings({"IMAGES_STORE": "images", "IMAGECRAWL_JOBS_DIR": "jobs", **values})


def test_below_the_home(tmp_path: Path) -> None:
    home = settings(IMAGECRAWL_HOME=str(tmp_path))
    assert (store_of(home), jobs_root(home)) == (tmp_path / "images", tmp_path / "jobs")
    elsewhere = {"IMAGES_STORE": "/pictures", "IMAGECRAWL_JOBS_DIR": "/queue"}
    both = settings(IMAGECRAWL_HOME=str(tmp_path), **elsewhere)
    assert (store_of(both), jobs_root(both)) == (Path("/pictures"), Path("/queue"))
    uri = settings(IMAGECRAWL_HOME=str(tmp_path), IMAGES_STORE="file:///pictures")
    assert store_of(uri) == Path("/pictures")


def test_without_one_it_is_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert store_of(settings()) == tmp_path / "images"
    assert home_of(settings(IMAGECRAWL_HOME="~")) == Path.home()


def test_a_home_is_absolute() -> None:
    with pytest.raises(ConfigError, match="IMAGECRAWL_HOME='data' is not absolute"):
        store_of(settings(IMAGECRAWL_HOME="data"))


def test_where_no_scrapy_cfg_is_jobs_need_a_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "imagecrawl.settings")
    monkeypatch.setenv("HOME", str(tmp_path))  # ~/.scrapy.cfg would do
    with pytest.raises(ConfigError, match="set IMAGECRAWL_HOME"):
        jobs_root(settings())


@pytest.mark.parametrize(
    ("arguments", "values", "says"),
    [
        ({}, {}, None),
        ({"_job": "1"}, {}, "IMAGES_STORE='images'"),
        ({"_job": "1"}, {"IMAGECRAWL_HOME": "/data"}, None),
        ({"_job": "1"}, {"IMAGES_STORE": "/data"}, "IMAGECRAWL_JOBS_DIR='jobs'"),
        ({"_job": "1"}, {"IMAGES_STORE": "file:///data", "JOBDIR": "/j"}, None),
        ({"_job": "1", "job": "a"}, {"IMAGES_STORE": "/d", "JOBDIR": "/j"}, "IMAGECRAWL_JOBS_DIR"),
        ({"_job": "1"}, {"IMAGES_STORE": "/data", "IMAGECRAWL_JOBS_DIR": "~/jobs"}, None),
    ],
)
def test_on_a_node(arguments: dict[str, str], values: dict[str, str], says: str | None) -> None:
    if says is None:
        check_on_node(settings(**values), arguments)
        return
    with pytest.raises(ConfigError) as caught:
        check_on_node(settings(**values), arguments)
    assert says in str(caught.value)
