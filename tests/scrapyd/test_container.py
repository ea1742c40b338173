"""The steps of docs/deploy/Dockerfile, taken below a folder instead of by Docker.

What Docker alone can do is left out: images, users and owners. Packages are installed already.
"""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
from pathlib import Path

from imagecrawl.demo.faultserver import FaultServer
from tests.crawl.sites import add_images, expected
from tests.scrapyd.environment import ROOT
from tests.scrapyd.node import ScrapydNode, wait
from tests.scrapyd.test_running import add_list

FILE = ROOT / "docs" / "deploy" / "Dockerfile"
_LEFT_OUT = ("EXPOSE", "USER", "RUN pip install", "RUN useradd", "RUN chown")
_ABSOLUTE = re.compile(r"(?<![\w.])/(project|eggs|opt|node|data|tmp|usr/local/bin)\b")


class Stage:
    """One stage: a folder that stands for its root, and what has been set."""

    def __init__(self, root: Path, environment: dict[str, str]) -> None:
        self.root, self.environment = root, dict(environment)
        self.folder = root
        self.command: list[str] = []

    def inside(self, text: str) -> str:
        return _ABSOLUTE.sub(lambda match: f"{self.root}{match[0]}", text)

    def copy(self, words: list[str], stages: dict[str, Stage]) -> None:
        source = ROOT
        if words[0].startswith("--from="):
            source = stages[words.pop(0).removeprefix("--from=")].root
        *names, last = words
        for name in names:
            path, goal = source / name.lstrip("/"), Path(self.inside(last))
            if path.is_dir():
                unfinished = shutil.ignore_patterns("*.pyc.*")  # another test's Python writes them
                shutil.copytree(path, goal, dirs_exist_ok=True, ignore=unfinished)
                continue
            goal = goal / path.name if last.endswith("/") else goal
            goal.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, goal)

    def run(self, line: str) -> None:
        done = subprocess.run(
            self.inside(line),
            shell=True,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def build(folder: Path, environment: dict[str, str]) -> Stage:
    """Take the steps; return the last stage."""
    stages: dict[str, Stage] = {}
    for line in FILE.read_text().splitlines():
        word, _, rest = line.partition(" ")
        if not line or word == "#" or line.startswith(_LEFT_OUT):
            continue
        if word == "FROM":
            name = rest.partition(" AS ")[2] or "last"
            stage = stages[name] = Stage(folder / name, environment)
            stage.root.mkdir()
        elif word == "WORKDIR":
            stage.folder = Path(stage.inside(rest))
            stage.folder.mkdir(parents=True, exist_ok=True)
        elif word == "COPY":
            stage.copy(rest.split(), stages)
        elif word == "ENV":
            stage.environment |= (pair.split("=", 1) for pair in stage.inside(rest).split())
        elif word == "RUN":
            stage.run(rest)
        elif word == "CMD":
            stage.command = json.loads(stage.inside(rest))
        else:
            raise AssertionError(f"what is {word}?")
    return stage


def test_it_is_built_crawls_and_stops(tmp_path: Path, binaries: Path) -> None:
    node = ScrapydNode(tmp_path / "unused", binaries)
    last = build(tmp_path, node.environment)
    node.folder, node.home = last.folder, Path(last.environment["IMAGECRAWL_HOME"])
    node.environment = {**last.environment, "SCRAPYD_HTTP_PORT": str(node.port)}
    with FaultServer(latency=0.1) as server:
        bodies = add_images(server, 150)
        list_url = add_list(server, bodies)
        node.start(*last.command)
        # Deployed as it comes; its version is a number, so that a newer one wins.
        (version,) = node.ask("listversions", project="imagecrawl")["versions"]
        assert version.isdigit()
        first = node.schedule(urls=list_url, job="catalogue")
        wait("some images", lambda: len(server.hits()) > 20)
        node.stop(signal.SIGTERM)  # what `docker stop` sends
        assert "Spider closed (shutdown)" in node.log(first)
        node.start(*last.command)
        node.run(urls=list_url, job="catalogue")
        node.stop()
        assert len(server.hits()) == 150 + 2
    assert node.files() == expected(bodies.values())


def test_compose_keeps_what_must_last() -> None:
    text = (FILE.parent / "compose.yaml").read_text()
    volumes = dict(re.findall(r"^      - (\w+):(/\S+)$", text, re.MULTILINE))
    assert set(volumes.values()) == {
        *("/node/eggs", "/node/dbs", "/node/logs", "/data/jobs", "/data/images")
    }
    made = re.search(r"^RUN mkdir -p (/node.*)$", FILE.read_text(), re.MULTILINE)
    assert made is not None
    assert set(made[1].split()) == set(volumes.values())  # or Docker makes them for root alone
    declared = text.partition("\nvolumes:\n")[2]
    assert set(re.findall(r"^  (\w+):$", declared, re.MULTILINE)) == set(volumes)
    grace = re.search(r"stop_grace_period: (\d+)s", text)
    assert grace is not None and int(grace[1]) > 10
