"""Runs real crawls of the project in a process of their own, as a user does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.crawl import warm

ROOT = warm.ROOT


class Project:
    """A place of its own for a crawl's store and jobs; the code is the project's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "store"
        self.jobs = folder / "jobs"
        self.settings: dict[str, Any] = {
            "IMAGES_STORE": self.store,
            "IMAGECRAWL_JOBS_DIR": self.jobs,
            "IMAGECRAWL_BACKOFF_BASE_SECS": 0.1,
            "IMAGECRAWL_STALL_TIMEOUT_SECS": 2,
        }

    def command(self, *args: str, **settings: Any) -> list[str]:
        return [sys.executable, "-m", "scrapy", *self.words(*args, **settings)]

    def words(self, *args: str, **settings: Any) -> list[str]:
        """Return what is typed behind ``scrapy``."""
        merged = {**self.settings, **settings}
        return [*args, *(x for name, value in merged.items() for x in ("-s", f"{name}={value}"))]

    def environment(self) -> dict[str, str]:
        # A warning that Scrapy or we cause is an error here too: it would show in the log.
        return warm.environment()

    def start(self, *args: str, stdin: Any = subprocess.DEVNULL, **settings: Any) -> Any:
        return subprocess.Popen(
            self.command(*args, **settings),
            cwd=ROOT,
            env=self.environment(),
            stdin=stdin,
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, *args: str, timeout: float = 120, **settings: Any) -> Run:
        """Crawl to the end; :meth:`start` is for what looks on, or interferes."""
        try:
            done = warm.run(self.words(*args, **settings), timeout=timeout)
        except subprocess.TimeoutExpired as slow:
            raise AssertionError(f"the crawl did not end:\n{str(slow.stderr)[-4000:]}") from None
        assert args[0] != "crawl" or "ScrapyDeprecationWarning" not in done.stderr
        return Run(done.returncode, done.stderr)

    def ask(self, *args: str, **settings: Any) -> tuple[int, str, str]:
        """Run a command; return its exit code and what it says on its two streams."""
        done = warm.run(self.words(*args, **settings))
        return done.returncode, done.stdout, done.stderr

    def script(self, code: str, timeout: float = 120, **settings: Any) -> Run:
        """Run Python *code* that crawls, as a user's own script; it has the settings in
        ``SETTINGS``."""
        merged = {name: str(value) for name, value in {**self.settings, **settings}.items()}
        process = subprocess.run(
            [sys.executable, "-c", f"SETTINGS = {merged!r}\n{code}"],
            cwd=ROOT,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Run(process.returncode, process.stderr)

    def images(self, **arguments: Any) -> list[str]:
        """Return the arguments of ``scrapy crawl images -a NAME=VALUE ...``."""
        return crawl("images", **arguments)

    # --- what is on disk -------------------------------------------------------------------

    def files(self) -> dict[str, bytes]:
        """Return every file below ``full/`` with its bytes, by its path below the store."""
        return {
            path.relative_to(self.store).as_posix(): path.read_bytes()
            for path in (self.store / "full").rglob("*")
            if path.is_file()
        }

    def leftovers(self) -> list[str]:
        """Return what lies in the store besides the images and the two lists."""
        ours = {"images.jsonl", "failed.jsonl"}
        return [
            path.relative_to(self.store).as_posix()
            for path in self.store.rglob("*")
            if path.is_file() and path.name not in ours and path.parts[-3] != "full"
        ]

    def manifest(self, name: str = "images.jsonl") -> dict[str, dict[str, Any]]:
        """Return the lines of a list beside the images by URL."""
        lines = (self.store / name).read_text(encoding="utf-8").splitlines()
        records = [json.loads(line) for line in lines]
        assert len({record["url"] for record in records}) == len(records)
        return {record["url"]: record for record in records}


class Run:
    """How a crawl ended: its exit code and its log."""

    def __init__(self, code: int, log: str) -> None:
        self.code = code
        self.log = log

    def lines(self, text: str) -> list[str]:
        return [line for line in self.log.splitlines() if text in line]


def crawl(spider: str, **arguments: Any) -> list[str]:
    pairs = [x for name, value in arguments.items() for x in ("-a", f"{name}={value}")]
    return ["crawl", spider, *pairs]
