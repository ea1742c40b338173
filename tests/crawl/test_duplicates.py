"""Which of several images with the same bytes is the original? The first that was stored."""

from __future__ import annotations

import json

import pytest

from imagecrawl import settings
from imagecrawl.demo.faultserver import FaultServer
from imagecrawl.demo.gallery import sample_image
from tests.crawl.project import Project
from tests.crawl.sites import expected


@pytest.mark.parametrize(
    ("pipeline", "place", "at_once", "ended"),
    [
        ("DropsTheFirst", 50, 1, "filtered 1 (dropped 1)"),
        ("DropsTheFirst", 320, 1, "filtered 1 (dropped 1)"),
        ("DropsTheFirst", 370, 1, "filtered 1 (dropped 1)"),
        ("DropsTheFirstLate", 370, 8, "filtered 1 (dropped 1)"),
        ("FailsTheFirst", 370, 1, "failed 1 (pipeline_error 1)"),
        ("FailsTheFirst", 500, 1, "failed 1 (pipeline_error 1)"),
    ],
)
def test_what_a_pipeline_drops_is_nobodys_original(
    project: Project, server: FaultServer, pipeline: str, place: int, at_once: int, ended: str
) -> None:
    body = sample_image(1, size=(32, 24))
    for path in ("/0.jpg", "/1.jpg", "/2.jpg"):
        server.add(path, body)
    project.folder.joinpath("list.txt").write_text(
        "\n".join(server.url(f"/{number}.jpg") for number in range(3))
    )
    table = {**settings.ITEM_PIPELINES, f"tests.crawl.picky.{pipeline}": place}
    run = project.run(
        *project.images(urls=project.folder / "list.txt"),
        CONCURRENT_REQUESTS=at_once,
        ITEM_PIPELINES=json.dumps(table),
    )
    assert run.code == 0, run.log[-2000:]
    (line,) = run.lines("images: discovered 3")
    assert "stored 1 + duplicate 1" in line
    assert ended in line
    assert project.files() == expected([body])
    statuses = {url[-6:]: one["status"] for url, one in project.manifest().items()}
    assert statuses.keys() == {"/1.jpg", "/2.jpg"}
    assert sorted(statuses.values()) == ["duplicate", "stored"]
