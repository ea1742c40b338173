"""The command that runs failures again works as it is shown, wherever the job and its images are,
and however that was said."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from imagecrawl.demo.faultserver import FaultServer
from tests.projectcopy import ProjectCopy

PLACES = ("IMAGES_STORE", "JOBDIR", "IMAGECRAWL_JOBS_DIR", "IMAGECRAWL_HOME")


class Shell:
    """Types commands in a project of its own; a *place* is told to them by *way*."""

    def __init__(self, folder: Path, place: str, way: str) -> None:
        self._project = ProjectCopy(folder / "project")
        self._place = folder / "a place"
        self._variables: dict[str, str] = {}
        self.options = ""
        if way == "-s":
            self.options = shlex.join(["-s", f"{place}={self._place}"])
        elif way == "environment":
            self._variables = {place: str(self._place)}
        else:
            with (self._project.folder / "imagecrawl" / "settings.py").open("a") as file:
                file.write(f"{place} = {str(self._place)!r}\n")

    def type(self, command: str, *, told: bool = True) -> subprocess.CompletedProcess[str]:
        """Run *command*; if not *told*, in a shell that knows no variables of ours."""
        scrapy = f"{shlex.quote(sys.executable)} -m scrapy "
        return subprocess.run(
            command.replace("scrapy ", scrapy, 1),
            shell=True,
            cwd=self._project.folder,
            env={**self._project.environment(), **(self._variables if told else {})},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def reported(self) -> str:
        """Return the command that the job's report shows, and remove the report."""
        folder = self._project.folder.parent
        (report,) = (one for one in folder.rglob("report.html") if "templates" not in one.parts)
        node = LexborHTMLParser(report.read_text(encoding="utf-8")).css_first("#again")
        assert node is not None
        report.unlink()
        return node.text()


@pytest.mark.parametrize(
    ("place", "way"),
    [
        *((place, way) for place in PLACES for way in ("-s", "project")),
        ("IMAGECRAWL_HOME", "environment"),
    ],
)
def test_what_is_shown_can_be_typed(tmp_path: Path, place: str, way: str) -> None:
    shell = Shell(tmp_path, place, way)
    with FaultServer() as server:
        (tmp_path / "project" / "list.txt").write_text(server.url("/gone.jpg"))
        job = "" if place == "JOBDIR" else "-a job=other"
        done = shell.type(f"scrapy crawl images -a urls=list.txt {job} {shell.options}")
        assert done.returncode == 0, done.stderr
        at_close = shell.reported()
        listed = shell.type(f"scrapy failures {shell.options}").stdout.splitlines()[-1]
        assert shell.type(f"scrapy report {shell.options}").returncode == 0
        assert at_close == listed == shell.reported()
        again = shell.type(at_close, told=False)
    assert again.returncode == 0, again.stderr
    assert "1 failed entries are tried again" in again.stderr
    assert len(list(tmp_path.rglob("frontier.sqlite"))) == 1
