"""A real Scrapyd in an empty folder, and what the tests ask of it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

from tests.projectcopy import copy_package
from tests.scrapyd.environment import ROOT

_LONGEST_WAIT_SECS = 120.0


def wait(what: str, done: Callable[[], Any]) -> Any:
    """Return what *done* does as soon as that is something."""
    end = time.monotonic() + _LONGEST_WAIT_SECS
    while not (result := done()):
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.05)
    return result


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def copy_project(folder: Path) -> Path:
    """Copy what is deployed, so that nothing is built in the working tree."""
    copy_package(folder)
    for name in ("pyproject.toml", "setup.py", "scrapy.cfg", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    return folder


class ScrapydNode:
    """Scrapyd below *folder*; the jobs find IMAGECRAWL_HOME in ``folder / "data"``."""

    def __init__(self, folder: Path, binaries: Path, **options: str) -> None:
        self.folder, self.binaries = folder / "node", binaries
        self.home = folder / "data"
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("SCRAPY", "PYTHON"))},
            "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
            "PYTHONWARNINGS": "default",
            "HOME": str(folder),
            "IMAGECRAWL_HOME": str(self.home),
        }
        self.folder.mkdir(parents=True)
        options = {"poll_interval": "0.2", "http_port": str(self.port), **options}
        lines = [f"{name} = {value}\n" for name, value in options.items()]
        (self.folder / "scrapyd.conf").write_text("[scrapyd]\n" + "".join(lines))
        self.process: subprocess.Popen[bytes] | None = None

    # --- the daemon ------------------------------------------------------------------------

    def bring(self, egg: Path) -> ScrapydNode:
        """Have *egg* there from the start, as a container has it."""
        folder = self.folder / "eggs" / "imagecrawl"
        folder.mkdir(parents=True)
        shutil.copy(egg, folder / "1000000000.egg")
        return self

    def start(self, *command: str) -> ScrapydNode:
        with (self.folder / "scrapyd.log").open("ab") as log:
            self.process = subprocess.Popen(
                command or [str(self.binaries / "scrapyd")],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait("Scrapyd's start", self._is_up)
        return self

    def _is_up(self) -> bool:
        assert self.process is not None and self.process.poll() is None, self.own_log()
        try:
            socket.create_connection(("localhost", self.port)).close()
        except OSError:
            return False
        return True

    def stop(self, how: int = signal.SIGTERM) -> None:
        """End Scrapyd; its jobs live on."""
        assert self.process is not None
        self.process.send_signal(how)
        self.process.wait(timeout=60)

    def own_log(self) -> str:
        return (self.folder / "scrapyd.log").read_text(encoding="utf-8", errors="replace")

    # --- its API ---------------------------------------------------------------------------

    def ask(self, name: str, **values: str) -> dict[str, Any]:
        with urlopen(f"{self.url}/{name}.json?{urlencode(values)}") as response:
            answer: dict[str, Any] = json.load(response)
        return answer

    def post(self, name: str, **values: str) -> dict[str, Any]:
        data = urlencode({"project": "imagecrawl", **values}).encode()
        with urlopen(f"{self.url}/{name}.json", data) as response:
            answer: dict[str, Any] = json.load(response)
        assert answer["status"] == "ok", answer
        return answer

    def schedule(self, **arguments: str) -> str:
        """Schedule the spider ``images``; return Scrapyd's id for the job."""
        job: str = self.post("schedule", spider="images", **arguments)["jobid"]
        return job

    def state(self, job: str) -> str | None:
        state: str | None = self.ask("status", job=job)["currstate"]
        return state

    def pid(self, job: str) -> int:
        """Return the process of a job, waiting for it."""
        listed = wait(f"{job} to run", lambda: self._running(job))
        return int(listed["pid"])

    def _running(self, job: str) -> dict[str, Any] | None:
        jobs = self.ask("listjobs", project="imagecrawl")["running"]
        return next((one for one in jobs if one["id"] == job), None)

    def ended(self, job: str, times: int = 1) -> str:
        """Wait until a job has ended, for the how-manieth time; return its log."""
        wait(f"the end of {job}", lambda: self._finished().count(job) == times)
        return self.log(job)

    def _finished(self) -> list[str]:
        return [one["id"] for one in self.ask("listjobs", project="imagecrawl")["finished"]]

    def log(self, job: str) -> str:
        path = self.folder / "logs" / "imagecrawl" / "images" / f"{job}.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def run(self, **arguments: str) -> str:
        """Schedule a crawl; return its log when it has ended."""
        return self.ended(self.schedule(**arguments))

    # --- the client ------------------------------------------------------------------------

    def client(self, project: Path, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in *project*, whose ``scrapy.cfg`` is made to mean this node."""
        config = project / "scrapy.cfg"
        text = (ROOT / "scrapy.cfg").read_text()
        config.write_text(text.replace("http://localhost:6800", self.url))
        return subprocess.run(
            [str(self.binaries / command[0]), *command[1:]],
            cwd=project,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )

    # --- what is on disk -------------------------------------------------------------------

    def files(self, store: str = "images") -> dict[str, bytes]:
        root = self.home / store
        return {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in (root / "full").rglob("*")
            if path.is_file()
        }
