from __future__ import annotations

from pathlib import Path

import pytest

from imagecrawl.errors import ConfigError
from imagecrawl.node.deployed import last_error, stored_name
from imagecrawl.node.targets import find_node

CONFIG = """
[settings]
default = imagecrawl.settings
[deploy]
url = http://localhost:6800/
project = imagecrawl
[deploy:far]
url = http://far.example:6800
username = me
password = $FAR_PASSWORD
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "scrapy.cfg").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("FAR_PASSWORD", "a%b")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (None, ("http://localhost:6800", "", "")),
        ("default", ("http://localhost:6800", "", "")),
        ("far", ("http://far.example:6800", "me", "a%b")),
        ("http://far.example:6800/", ("http://far.example:6800", "me", "a%b")),
        ("http://you:it@far.example:6800", ("http://far.example:6800", "you", "it")),
        ("http://else.example/scrapyd/", ("http://else.example/scrapyd", "", "")),
    ],
)
def test_the_node_that_is_meant(name: str | None, found: tuple[str, str, str]) -> None:
    node, project = find_node(name)
    assert (node.url, node.username, node.password) == found
    assert project == "imagecrawl"
    assert "a%b" not in repr(node)


def test_the_password_of_netrc(place: Path) -> None:
    (place / ".netrc").write_text("machine localhost login me password secret\n")
    (place / ".netrc").chmod(0o600)
    node, _ = find_node(None)
    assert (node.username, node.password) == ("me", "secret")


@pytest.mark.parametrize("name", ["near", "ftp://far.example", "http://", "http://[x/"])
def test_no_node(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        find_node(name)
    assert repr(name) in str(caught.value)


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("", "no reason given"),
        ("Unknown command: list\n\nUse it", "Use it"),
        (
            "x.py:6: UserWarning: old\n  import x\nimagecrawl: error: no PIL\n",
            "imagecrawl: error: no PIL",
        ),
        (
            "Traceback:\n  File\nModuleNotFoundError: No module named 'a'\n",
            "ModuleNotFoundError: No module named 'a'",
        ),
        ("scrapyd.exceptions.BadEggError\n", "scrapyd.exceptions.BadEggError"),
    ],
)
def test_the_line_that_says_it(message: str, line: str) -> None:
    assert last_error(message) == line


def test_a_version_as_scrapyd_stores_it() -> None:
    assert stored_name("1.10.0+a") == "1_10_0_a"
    assert stored_name("1795248254") == "1795248254"
