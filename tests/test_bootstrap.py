"""Does ``python3 -m imagecrawl`` set up what is missing, and nothing else?"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from imagecrawl import __main__ as bootstrap

ROOT = Path(__file__).resolve().parents[1]
HERE = sys.version_info[:2]


class Fake:
    """Stands for what takes long: records the commands, and makes what they would make."""

    def __init__(self, python: Path) -> None:
        self.python = python
        self.version: tuple[int, ...] = ()
        self.ran: list[str] = []
        self.fails: Callable[[str], bool] = lambda command: False

    def run(self, *command: object) -> str:
        words = [str(word) for word in command]
        told = " ".join(words[2:])
        self.ran.append(told.replace(str(bootstrap.VENV), ".venv"))
        if self.fails(told):
            return "ERROR: no"
        if words[2] == "venv" or "--python" in words:
            self.python.parent.mkdir(parents=True, exist_ok=True)
            self.python.touch()
            self.version = HERE
        return ""


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    (tmp_path / "requirements.txt").write_text("scrapy>=2.19\n")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "REQUIREMENTS", tmp_path / "requirements.txt")
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    folder = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    fake = Fake(tmp_path / ".venv" / folder)
    monkeypatch.setattr(bootstrap, "_run", fake.run)
    monkeypatch.setattr(bootstrap, "_version_with_pip", lambda python: fake.version)
    return fake


def installs(fake: Fake) -> int:
    return sum("-r" in command.split() for command in fake.ran)


# --- the environment -----------------------------------------------------------------------


def test_the_first_run_installs_and_the_second_does_not(
    fake: Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bootstrap.prepared() == fake.python
    assert fake.ran[0] == "venv .venv"
    assert fake.ran[1].startswith("pip install ")
    assert len(fake.ran) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert bootstrap.prepared() == fake.python
    assert len(fake.ran) == 2
    assert capsys.readouterr().err == ""


def test_changed_requirements_are_installed_into_the_same_environment(fake: Fake) -> None:
    bootstrap.prepared()
    bootstrap.REQUIREMENTS.write_text("scrapy>=2.19.1\n")
    bootstrap.prepared()
    assert installs(fake) == 2
    assert fake.ran.count("venv .venv") == 1


def test_another_python_gets_a_new_environment(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    bootstrap.prepared()
    (bootstrap.VENV / "old").touch()
    fake.version = (3, 9)
    monkeypatch.setattr(bootstrap, "stamp", lambda: "another")
    bootstrap.prepared()
    assert fake.ran.count("venv .venv") == 2
    assert not (bootstrap.VENV / "old").exists()


@pytest.mark.parametrize("at", ["venv", "pip"])
def test_an_interrupted_install_is_repaired(fake: Fake, at: str) -> None:
    def interrupt(command: str) -> bool:
        if command.startswith(at):
            raise KeyboardInterrupt
        return False

    fake.fails = interrupt
    with pytest.raises(KeyboardInterrupt):
        bootstrap.prepared()
    fake.fails = lambda command: False
    assert bootstrap.prepared() == fake.python
    assert installs(fake) == (1 if at == "venv" else 2)


def test_a_failing_pip_is_told_in_a_line_and_tried_again(
    fake: Fake, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "satisfied", lambda: False)
    fake.fails = lambda command: command.startswith("pip")
    assert bootstrap.main(["list"]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("imagecrawl: error: pip cannot install")
    fake.fails = lambda command: False
    assert bootstrap.prepared() == fake.python


def test_the_environment_of_somebody_else_is_used_but_never_removed(fake: Fake) -> None:
    theirs = bootstrap.VENV / "theirs"
    bootstrap.VENV.mkdir()
    theirs.touch()
    with pytest.raises(bootstrap.SetupError, match="not of our making"):
        bootstrap.prepared()
    assert fake.ran == []
    fake.python.parent.mkdir()
    fake.python.touch()
    fake.version = (3, 99)
    assert bootstrap.prepared() == fake.python
    assert installs(fake) == len(fake.ran) == 1
    assert theirs.exists()


def test_without_ensurepip_the_pip_of_the_system_does(fake: Fake) -> None:
    fake.fails = lambda command: command == f"venv {bootstrap.VENV}"
    bootstrap.prepared()
    assert fake.ran[1] == "venv --without-pip .venv"
    assert fake.ran[2].startswith(f"pip --python {Path('.venv')}")
    assert installs(fake) == 1


def test_without_ensurepip_and_pip_it_says_what_to_install(fake: Fake) -> None:
    fake.fails = lambda command: "without-pip" not in command
    with pytest.raises(bootstrap.SetupError, match="apt install python3-venv") as error:
        bootstrap.prepared()
    assert "\n" not in str(error.value)


def test_one_at_a_time(fake: Fake) -> None:
    with bootstrap.REQUIREMENTS.open("rb") as file:
        with bootstrap._locked():
            assert not bootstrap._lock(file.fileno())
        assert bootstrap._lock(file.fileno())


# --- what there is already -------------------------------------------------------------------


def test_this_very_python_has_what_the_project_needs() -> None:
    assert bootstrap.satisfied()
    names = [name for name, _ in bootstrap._requirements(bootstrap.REQUIREMENTS.read_text())]
    assert {"scrapy", "pytest", "pillow", "pydantic"} <= set(names)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pytest", True),
        ("# nothing\n\n", True),
        ("pytest>=1.0,<1000  # why", True),
        ("pytest[extra] >= 1", True),
        ("pytest>=1000", False),
        ("pytest<1", False),
        ("pytest~=1.0", False),
        ("no-such-distribution", False),
    ],
)
def test_satisfied(fake: Fake, text: str, expected: bool) -> None:
    bootstrap.REQUIREMENTS.write_text(text)
    assert bootstrap.satisfied() is expected


@pytest.mark.parametrize(
    ("version", "condition", "expected"),
    [
        ("2.19.0", ">=2.19", True),
        ("2.19", ">=2.19.0", True),
        ("2.9", ">=2.19", False),
        ("2.20.0", "<2.20", False),
        ("2.19.0rc1", "<2.20", True),
        ("10.0", ">=9", True),
        ("1.4.4", "==1.4.4", True),
        ("1.4.4", "!=1.4.4", False),  # not understood: pip will know
    ],
)
def test_versions(version: str, condition: str, expected: bool) -> None:
    assert bootstrap._fits(version, condition) is expected


# --- the command -----------------------------------------------------------------------------


@pytest.fixture
def handed_over(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that would have taken our place."""
    commands: list[list[str]] = []

    def become(command: list[str]) -> int:
        commands.append(command)
        return 7

    monkeypatch.setattr(bootstrap, "_become", become)
    monkeypatch.setattr(bootstrap, "satisfied", lambda: True)
    monkeypatch.setenv("PYTHONPATH", "theirs")
    monkeypatch.setenv("PYTHONSAFEPATH", "")
    return commands


def test_hand_over(handed_over: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert bootstrap.main(["crawl", "images", "-h"]) == 7
    assert bootstrap.main(["test", "-x"]) == 7
    assert [command[1:] for command in handed_over] == [
        ["-m", "imagecrawl.commands", "crawl", "images", "-h"],
        ["-m", "pytest", "-x"],
    ]
    assert handed_over[0][0] == sys.executable
    assert os.environ["PYTHONPATH"].split(os.pathsep)[0] == str(ROOT)
    assert os.environ["PYTHONPATH"].endswith(f"{os.pathsep}theirs")


def test_where_the_command_runs(
    handed_over: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(ROOT / "tests")
    bootstrap.main(["list"])
    assert Path.cwd() == ROOT / "tests"
    assert os.environ["PYTHONSAFEPATH"] == "1"
    bootstrap.main(["test"])
    assert Path.cwd() == ROOT
    assert capsys.readouterr().err == ""
    monkeypatch.chdir(tmp_path)
    bootstrap.main(["list"])
    assert Path.cwd() == ROOT
    assert str(ROOT) in capsys.readouterr().err


def test_the_exit_code_is_the_commands(tmp_path: Path) -> None:
    for arguments, code in (["list"], 0), (["no-such-command"], 2):
        command = [sys.executable, "-m", "imagecrawl", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stderr
        assert "images" in done.stdout or code


@pytest.mark.parametrize("arguments", [[], ["-h"], ["--help"]])
def test_help(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.main(arguments) == 0
    said = capsys.readouterr().out
    for example in ("imagecrawl demo", "imagecrawl test", "imagecrawl crawl images -a urls="):
        assert f"python3 -m {example}" in said


def test_an_old_python_is_told_so_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.main(["demo"], (3, 9)) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("imagecrawl: Python 3.10 or newer is needed")
    assert len(said.err.splitlines()) == 1


def test_an_old_python_can_read_it() -> None:
    for name in ("__main__.py", "__init__.py"):
        ast.parse((ROOT / "imagecrawl" / name).read_text(encoding="utf-8"), feature_version=(3, 6))


def test_nothing_but_the_standard_library_is_imported() -> None:
    code = (
        "import sys, imagecrawl.__main__; print(*{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    modules = set(done.stdout.split()) - {"imagecrawl", "__main__"}
    assert modules <= sys.stdlib_module_names
