"""``python3 -m imagecrawl``: one command that does its own set-up on a machine with bare Python.

Nothing but the standard library is imported, and the syntax is that of Python 3.6, so that an
old one says in one line that it is too old.
"""

import contextlib
import hashlib
import operator
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Iterator  # noqa: UP035  # there since Python 3.5

OLDEST = (3, 10)
ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements.txt"
VENV = ROOT / ".venv"
HELP = """\
usage: python3 -m imagecrawl COMMAND [ARGUMENT ...]

  python3 -m imagecrawl demo                                a crawl against a faulty server
  python3 -m imagecrawl test [PYTEST ARGUMENT ...]          the tests
  python3 -m imagecrawl crawl images -a urls=images.txt     a crawl, or any command of scrapy

What requirements.txt names is installed into .venv on the first run, unless this Python has it."""

_OPERATORS = {">=": operator.ge, "<=": operator.le, "==": operator.eq, "<": operator.lt}
_READY = "imagecrawl-ready"  # the stamp, and last file of a finished .venv
_OURS = "imagecrawl-made"  # the first file: without it, somebody else has made the .venv
_PIP_INSTALL = ("install", "--quiet", "--disable-pip-version-check", "--no-input")


class SetupError(Exception):
    """What keeps the set-up from being done, in one line."""


def main(arguments: "list[str]", version: "tuple[int, ...]" = sys.version_info[:2]) -> int:
    """Set up what is missing, and run the command; return its exit code."""
    if version < OLDEST:
        wanted, here = (".".join(map(str, numbers)) for numbers in (OLDEST, version))
        _say(f"Python {wanted} or newer is needed, and {sys.executable} is {here}")
        return 1
    if not arguments or arguments[0] in ("-h", "--help"):
        print(HELP)
        return 0
    try:
        python = sys.executable if satisfied() else str(prepared())
        return _hand_over(python, arguments)
    except (SetupError, OSError) as error:
        _say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        _say("interrupted: the same command goes on from here")
        return 130


# --- what there is already -----------------------------------------------------------------


def satisfied() -> bool:
    """Tell whether this interpreter has all that requirements.txt asks for."""
    from importlib import metadata  # Python 3.8

    if not REQUIREMENTS.exists():
        return True  # installed as a package: pip has seen to it
    for name, conditions in _requirements(REQUIREMENTS.read_text(encoding="utf-8")):
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            return False
        if not all(_fits(version, condition) for condition in conditions):
            return False
    return True


def _requirements(text: str) -> "list[tuple[str, list[str]]]":
    """Return each name, and the conditions on its version."""
    found = []
    for line in text.splitlines():
        match = re.match(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^]]*\])?([^#;]*)", line)
        if match:
            name, conditions = match.groups()
            found.append((name, [one.strip() for one in conditions.split(",") if one.strip()]))
    return found


def _fits(version: str, condition: str) -> bool:
    match = re.match(r"(>=|<=|==|<)\s*(\d+(?:\.\d+)*)$", condition)
    if not match:
        return False  # pip will know
    return bool(_OPERATORS[match[1]](_numbers(version), _numbers(match[2])))


def _numbers(version: str) -> "tuple[int, ...]":
    match = re.match(r"\d+(?:\.\d+)*", version)
    numbers = [int(number) for number in match[0].split(".")] if match else []
    while numbers and not numbers[-1]:
        numbers.pop()  # 2.19.0 is 2.19
    return tuple(numbers)


# --- the virtual environment ---------------------------------------------------------------


def prepared() -> Path:
    """Return the interpreter of ``.venv``, which is made, completed or renewed if need be."""
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not _ready(python):
        with _locked():
            if not _ready(python):  # another process may have done it meanwhile
                _say("installing what requirements.txt names into .venv, this may take a minute")
                _set_up(python)
                (VENV / _READY).write_text(stamp(), encoding="utf-8")
    return python


def stamp() -> str:
    """Return what a finished ``.venv`` is marked with: it changes when a new one is needed."""
    version = "{}.{}".format(*sys.version_info)
    return f"{version} {hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()}\n"


def _ready(python: Path) -> bool:
    file = VENV / _READY
    return python.exists() and file.exists() and file.read_text(encoding="utf-8") == stamp()


def _set_up(python: Path) -> None:
    """Bring ``.venv`` up to date, whatever state it is in. May be repeated at any time."""
    ours = VENV / _OURS
    version = _version_with_pip(python)
    if VENV.exists() and any(VENV.iterdir()) and not ours.exists():
        if version < OLDEST:
            raise SetupError(f"{VENV} is not of our making, and cannot be used: remove it first")
    elif version != sys.version_info[:2]:
        shutil.rmtree(str(VENV), ignore_errors=True)
        VENV.mkdir(exist_ok=True)
        ours.touch()
        _make(python)
    failed = _run(python, "-m", "pip", *_PIP_INSTALL, "-r", REQUIREMENTS)
    if failed:
        raise SetupError(f"pip cannot install requirements.txt (is there a network?): {failed}")


def _version_with_pip(python: Path) -> "tuple[int, ...]":
    """Return the version of an interpreter; nothing if it does not run, or has no pip."""
    code = "import pip, sys; print(*sys.version_info[:2])"
    try:
        out = subprocess.check_output([str(python), "-c", code], stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return ()
    return tuple(map(int, out.split()))


def _make(python: Path) -> None:
    """Make ``.venv``, with pip."""
    if not _run(sys.executable, "-m", "venv", VENV):
        return
    # Debian's Python has no `ensurepip` unless python3-venv is installed; its pip may do.
    failed = _run(sys.executable, "-m", "venv", "--without-pip", VENV)
    if not failed:
        failed = _run(sys.executable, "-m", "pip", "--python", python, *_PIP_INSTALL, "pip")
    if failed:
        raise SetupError(
            f"this Python cannot make a virtual environment with pip ({failed}): install the "
            "missing part (Debian, Ubuntu: apt install python3-venv), and run the same again"
        )


def _run(*command: object) -> str:
    """Run a command; return "" if all is well, else the line that says what went wrong."""
    done = subprocess.run(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PIP_USER": "0"},
        encoding="utf-8",
        errors="replace",
        close_fds=False,  # the lock is for them, too
        check=False,
    )
    if done.returncode == 0:
        return ""
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or [f"exit code {done.returncode}"])[-1].strip()


@contextlib.contextmanager
def _locked() -> "Iterator[None]":
    """Keep out other processes that set up the same ``.venv``.

    What is locked is requirements.txt itself: the system unlocks it when we end, however we
    do, and nothing is left behind. A pip that outlives us (kill -9) keeps the lock as well.
    Where files cannot be locked, nobody is kept out.
    """
    with REQUIREMENTS.open("rb") as file:
        os.set_inheritable(file.fileno(), True)
        if not _lock(file.fileno()):
            _say("another process is installing, waiting for it")
            while not _lock(file.fileno()):
                time.sleep(0.2)
        yield


def _lock(number: int) -> bool:
    """Tell whether a file could be locked, or never can be."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(number, 1 << 30, os.SEEK_SET)  # behind the end: others may still read
            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return not isinstance(error, (BlockingIOError, PermissionError))
    return True


# --- the command ---------------------------------------------------------------------------


def _hand_over(python: str, arguments: "list[str]") -> int:
    """Run scrapy or pytest in place of this process."""
    test = arguments[0] == "test"
    command = [
        python,
        "-m",
        *(["pytest", *arguments[1:]] if test else ["imagecrawl.commands", *arguments]),
    ]
    here = Path.cwd()
    inside = here == ROOT or ROOT in here.parents
    if not inside or (test and len(arguments) == 1):
        os.chdir(str(ROOT))
    if not inside:
        _say(f"working in {ROOT}")
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(ROOT) + (os.pathsep + before if before else "")
    if Path.cwd() != ROOT:
        os.environ["PYTHONSAFEPATH"] = "1"  # the folder we are in may have an inspect.py, too
    return _become(command)


def _become(command: "list[str]") -> int:
    if os.name == "posix":
        os.execv(command[0], command)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for the command, which gets it as well
    return subprocess.call(command)


def _say(message: str) -> None:
    print(f"imagecrawl: {message}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
