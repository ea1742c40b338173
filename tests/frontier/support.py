"""What the tests of the frontier share: entries, a clock, and the backends under contract."""

from __future__ import annotations

import hashlib
import io
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from scrapy.settings import Settings

from imagecrawl import settings
from imagecrawl.config import Config
from imagecrawl.frontier.contract import Frontier
from imagecrawl.frontier.entry import Entry
from imagecrawl.frontier.sqlite import SqliteFrontier
from imagecrawl.outcomes import Kind

NOW = 1_000.0


def entry(name: str, host: str = "h", kind: Kind = Kind.IMAGE, **fields: Any) -> Entry:
    fingerprint = hashlib.sha1(f"{host}/{name}".encode()).digest()
    return Entry(fingerprint, kind, host, f"http://{host}/{name}", b"request", **fields)


def entries(names: str, host: str = "h", **fields: Any) -> list[Entry]:
    """One entry a letter."""
    return [entry(name, host, **fields) for name in names]


def urls(leased: list[Entry]) -> list[str]:
    """What was leased, as ``host/name``."""
    return [one.url.removeprefix("http://") for one in leased]


def anyroom(host: str) -> int:
    return 1_000


def lease(frontier: Frontier, limit: int = 1_000, now: float = NOW) -> list[Entry]:
    return frontier.lease(limit, now, anyroom)


def run_python(code: str, *args: str) -> subprocess.CompletedProcess[str]:
    """Run *code* in a process of its own."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *args],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def numbers(**changes: Any) -> dict[str, Any]:
    """The project's own limits and retries, without its components, and *changes*."""
    prefixes = ("IMAGECRAWL_", "IMAGES_MIN_", "RETRY_", "CONCURRENT_", "DOWNLOAD_DELAY")
    own = {name: value for name, value in vars(settings).items() if name.startswith(prefixes)}
    return {**own, **changes}


def config(**changes: Any) -> Config:
    return Config.from_settings(Settings(numbers(**changes)))


def png(size: tuple[int, int] = (64, 48)) -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize(size).save(file, "PNG")
    return file.getvalue()


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


class SqliteBackend:
    """What the contract tests need of a backend. Another one is another class like this."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "frontier.sqlite"
        self._open: list[Frontier] = []

    def open(self) -> Frontier:
        """Open the frontier; the one that was open is closed."""
        self.close()
        self._open.append(SqliteFrontier(self.path))
        return self._open[-1]

    def close(self) -> None:
        while self._open:
            self._open.pop().close()

    def source(self) -> str:
        """The code that opens it in another process, as ``frontier``."""
        return (
            "from pathlib import Path\n"
            "from imagecrawl.frontier.sqlite import SqliteFrontier\n"
            f"frontier = SqliteFrontier(Path({str(self.path)!r}))\n"
        )

    def lose(self, url: str) -> None:
        """Take an entry away, as no code of ours ever would."""
        db = sqlite3.connect(self.path)
        with db:
            assert db.execute("DELETE FROM entries WHERE url = ?", (url,)).rowcount == 1
        db.close()


BACKENDS = {"sqlite": SqliteBackend}
