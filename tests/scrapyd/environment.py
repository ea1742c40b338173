"""The virtual environment of a node, made once with the commands that docs/deploy.md gives."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

ROOT = Path(__file__).resolve().parents[2]
PLACE = "/srv/imagecrawl/venv"


def commands() -> list[str]:
    """Return the commands of the guide that install something, on the node and for its client."""
    text = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    found = re.findall(rf"^((?:python3 -m venv|{PLACE}/bin/pip|pip) .*)$", text, re.MULTILINE)
    assert len(found) == 3, found
    return [re.sub("^pip ", f"{PLACE}/bin/pip ", line) for line in found]


def make(python: str, folder: Path) -> Path:
    """Return the ``bin`` folder of an environment below *folder*, for *python*."""
    wanted = "\n".join([python, *commands(), (ROOT / "requirements.txt").read_text()])
    venv = folder / f"venv-{hashlib.sha256(wanted.encode()).hexdigest()[:12]}"
    ready = venv / "ready"
    folder.mkdir(parents=True, exist_ok=True)
    # The tests run in several processes: one of them makes it, the others wait.
    with FileLock(folder / "making.lock"):
        if not ready.exists():
            _install(python, folder, venv)
            ready.touch()
    return venv / "bin"


def _install(python: str, folder: Path, venv: Path) -> None:
    for old in folder.glob("venv-*"):
        shutil.rmtree(old)
    # A crawl needs a quarter of all the modules, and the first to use one compiles it. To pip the
    # option --no-compile is one that sets compile to the given value: 0.
    env = {**os.environ, "PIP_NO_COMPILE": "0"}
    for command in commands():
        line = command.replace(PLACE, str(venv)).replace("python3 ", f"{python} ", 1)
        done = subprocess.run(line, shell=True, cwd=ROOT, env=env, capture_output=True, text=True)
        said = done.stdout + done.stderr
        assert done.returncode == 0, f"no node to test with: {line}\n{said[-3000:]}"


def pythons() -> dict[str, str]:
    """Return the one that runs the tests, and the oldest on this machine that the project is for,
    by their version."""
    here = f"3.{sys.version_info.minor}"
    found = _others()
    oldest = {version: found[version] for version in list(found)[:1]}
    return {**oldest, here: sys.executable}


def _others() -> dict[str, str]:
    found: dict[str, str] = {}
    for minor in range(10, 14):
        version = f"3.{minor}"
        places = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
        for one in (shutil.which(f"python{version}"), *map(str, places)):
            if one and _is(one, version):
                found[version] = one
                break
    return found


def _is(python: str, version: str) -> bool:
    """Tell whether it is that Python, and can make environments (Debian's may not)."""
    code = "import ensurepip, sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True)
    return done.stdout.strip() == version
