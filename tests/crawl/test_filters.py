"""Images that are not wanted are not stored, and mostly not fetched; the ledger says why."""

from __future__ import annotations

from collections import Counter
from io import BytesIO

import pytest
from PIL import Image

from imagecrawl.demo.faultserver import FaultServer
from imagecrawl.demo.gallery import sample_image
from tests.crawl.project import Project
from tests.crawl.sites import expected


def noise(width: int, height: int, kind: str) -> bytes:
    buffer = BytesIO()
    Image.effect_noise((width, height), 90).convert("RGB").save(buffer, kind)
    return buffer.getvalue()


def reasons(project: Project) -> dict[str, str]:
    return {
        url.rpartition("/")[2]: f"{record['status']}/{record['reason']}"
        for url, record in project.manifest("failed.jsonl").items()
    }


BODIES = {
    "good.jpg": sample_image(1, size=(320, 240)),
    "small.jpg": sample_image(2, size=(32, 240)),
    "wide.jpg": sample_image(3, size=(900, 100)),
    "other.png": noise(320, 240, "PNG"),
    "huge.jpg": noise(2000, 1600, "JPEG"),
    "thumb_a.jpg": sample_image(4, size=(320, 240)),
}


@pytest.mark.parametrize("as_settings", [False, True])
def test_each_filter_has_its_reason(project: Project, as_settings: bool) -> None:
    assert len(BODIES["huge.jpg"]) > 500_000
    wanted = {"min_width": 100, "max_aspect": 5, "max_bytes": 300_000, "formats": "jpg,webp"}
    settings = {
        "IMAGES_MIN_WIDTH": 100,
        "IMAGECRAWL_MAX_ASPECT": 5,
        "IMAGECRAWL_MAX_BYTES": 300_000,
        "IMAGECRAWL_FORMATS": "jpeg,webp",
        "IMAGECRAWL_IMAGE_DENY": "thumb_",
    }
    with FaultServer() as server:
        for name, one in BODIES.items():
            server.add(f"/{name}", one)
        path = project.folder / "list.txt"
        path.write_text("".join(server.url(f"/{name}") + "\n" for name in BODIES))
        if as_settings:
            run = project.run(*project.images(urls=path), **settings)
        else:
            args = project.images(urls=path, image_deny="thumb_", **wanted)
            run = project.run(*args)
        assert run.code == 0, run.log[-3000:]
        hits = Counter(hit.path for hit in server.hits())
    assert project.files() == expected([BODIES["good.jpg"]])
    assert reasons(project) == {
        "small.jpg": "filtered/too_small",
        "wide.jpg": "filtered/aspect",
        "other.png": "filtered/format",
        "huge.jpg": "filtered/too_large",
        "thumb_a.jpg": "filtered/url",
    }
    assert hits["/thumb_a.jpg"] == 0 and all(hits[f"/{n}"] <= 1 for n in BODIES)
    assert "refused_early/bytes_saved" in run.log


def test_the_rest(project: Project, server: FaultServer) -> None:
    for name, one in BODIES.items():
        server.add(f"/{name}", one)
    page = (
        '<img src="/small.jpg"><img srcset="/thumb_a.jpg 900w, /wide.jpg 300w">'
        '<img srcset="/huge.jpg 2x, /good.jpg 1x">'
    )
    server.add("/page", page.encode(), content_type="text/html")
    smallest = len(BODIES["small.jpg"]) + 1
    run = project.run(
        *project.images(
            start_urls=server.url("/page"),
            min_bytes=smallest,
            max_bytes=400_000,
            image_deny="thumb",
            image_allow=r"\.jpg$",
        )
    )
    assert run.code == 0, run.log[-3000:]
    # Where a URL is denied, or too large, another size of the picture is taken.
    assert project.files() == expected([BODIES["good.jpg"], BODIES["wide.jpg"]])
    assert reasons(project) == {
        "small.jpg": "filtered/too_few_bytes",
        "huge.jpg": "filtered/replaced",
    }
    assert "/thumb_a.jpg" not in {hit.path for hit in server.hits()}


def test_a_job_that_is_resumed_by_name_keeps_its_filters(project: Project) -> None:
    with FaultServer() as server:
        server.add("/small.jpg", BODIES["small.jpg"])
        path = project.folder / "list.txt"
        missing = server.url("/missing.jpg")
        path.write_text(missing + "\n")
        args = project.images(urls=path, job="kept", min_width=100)
        assert project.run(*args).code == 0
        path.write_text(f"{missing}\n{server.url('/small.jpg')}\n")
        assert project.run(*project.images(job="kept")).code == 0
    assert reasons(project) == {"missing.jpg": "failed/http_404", "small.jpg": "filtered/too_small"}


@pytest.mark.parametrize(
    ("argument", "value", "message"),
    [
        ("formats", "jpeg,pgn", "did you mean png?"),
        ("min_width", "-1", "min_width='-1'"),
        ("max_bytes", "10kB", "max_bytes='10kB'"),
        ("image_deny", "(", "no regular expression"),
        ("max_aspect", "wide", "max_aspect='wide'"),
        ("max_aspect", "0.5", "lets no image pass"),
    ],
)
def test_bad_filters(project: Project, argument: str, value: str, message: str) -> None:
    run = project.run(*project.images(start_urls="http://127.0.0.1:1/", **{argument: value}))
    assert run.code != 0 and message in run.log and "Traceback" not in run.log
