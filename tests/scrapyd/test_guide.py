"""The commands of docs/deploy.md, one after another, as they stand there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from imagecrawl.demo.faultserver import FaultServer
from tests.crawl.sites import add_images, add_pages, expected
from tests.scrapyd.environment import ROOT
from tests.scrapyd.node import ScrapydNode, copy_project

GUIDE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")


def script() -> str:
    """Return all commands of the guide as one; an error in any of them ends it."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
    assert len(blocks) > 8
    # Whatever goes wrong, the node is not left behind.
    first = "set -eux -o pipefail\ntrap 'kill %1 || true' EXIT\n"
    return first + "\n".join(blocks)


def test_from_nothing_to_images(tmp_path: Path, binaries: Path) -> None:
    node = ScrapydNode(tmp_path, binaries)  # for its port and environment: the guide starts it
    node.environment.pop("IMAGECRAWL_HOME")
    project = copy_project(tmp_path / "project")
    (project / "requirements.txt").write_text((ROOT / "requirements.txt").read_text())
    (project / "docs").symlink_to(ROOT / "docs")
    (project / "scrapy.cfg").write_text(
        (project / "scrapy.cfg").read_text().replace("http://localhost:6800", node.url)
    )
    place = tmp_path / "srv" / "imagecrawl"
    place.mkdir(parents=True)
    # Made with this very command of the guide, once for all tests (environment.py).
    (place / "venv").symlink_to(binaries.parent)
    with FaultServer() as server:
        bodies = add_images(server, 12)
        server.add("/images.txt", "\n".join(bodies).encode(), content_type="text/plain")
        pages = add_pages(server, pages=1, per_page=6)
        server.add("/gallery", server.body("/page/0"), content_type="text/html")
        text = script()
        for there, here in (
            ("python3 -m venv /srv/imagecrawl/venv\n", ""),
            ("/srv/imagecrawl", str(place)),
            ("http://localhost:6800", node.url),
            ("https://example.com", server.url("").rstrip("/")),
            # Scrapyd's own variable: the guide leaves the port as it is.
            (f"IMAGECRAWL_HOME={place}", f"SCRAPYD_HTTP_PORT={node.port}\nIMAGECRAWL_HOME={place}"),
        ):
            assert there in text
            text = text.replace(there, here)
        done = subprocess.run(
            ["bash", "-c", text],
            cwd=project,
            env=node.environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-6000:]
    assert "with the spiders images" in done.stdout
    assert f"{place}/data/images/full" in done.stdout
    node.home = place / "data"
    assert node.files() == expected([*bodies.values(), *pages.values()])


def test_the_service_is_started_as_in_the_guide() -> None:
    unit = (ROOT / "docs" / "deploy" / "imagecrawl-node.service").read_text()
    said = dict(re.findall(r"^(\w+)=(.*)$", unit, re.MULTILINE))
    for path in (said["WorkingDirectory"], said["EnvironmentFile"], said["ExecStart"]):
        assert path in script()
    assert said["Environment"].startswith("PATH=/srv/imagecrawl/venv/bin:")
    assert said["KillMode"] == "mixed"  # only run-node is told to stop, and tells the others
