"""``scrapy check`` with ``@images``."""

from __future__ import annotations

from tests.crawl.project import Project

OWN = {"SPIDER_MODULES": "tests.crawl.spiders"}


def test_contracts_that_hold(project: Project) -> None:
    run = project.run("check", "holding", **OWN)
    assert run.code == 0, run.log


def test_contracts_that_do_not(project: Project) -> None:
    run = project.run("check", "breaking", **OWN)
    assert run.code == 1
    assert run.lines("found 2 images, expected at least 3")
    assert run.lines("found 2 images, expected at least 0, and at most 1")
    for error in (
        "@images three: 'three' is no number of images",
        "@images 3 1: at least 3 and at most 1 cannot be",
        "@images -1: '-1' is no number of images",
        "@images 1 2 3: it takes at most two numbers, not 3",
    ):
        assert run.lines(f"ValueError: {error}"), run.log
    assert run.lines("FAILED (failures=2, errors=4)")


def test_the_spider_of_the_project_keeps_its_own(project: Project) -> None:
    run = project.run("check", "images")
    assert run.code == 0 and run.lines("Ran 2 contracts"), run.log
