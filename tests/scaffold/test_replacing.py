"""What is not of genspider's making is never replaced, and what is of it with --force only."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.projectcopy import ProjectCopy

NOT_MADE = "is there, and genspider has not made it"


def genspider(copy: ProjectCopy, name: str, *words: str) -> tuple[int, str]:
    """Begin a spider without a page; return the exit code and the complaint."""
    template = () if "-t" in words else ("-t", "gallery", "--no-page")
    made = copy.run("scrapy", "genspider", *template, name, "example.com", *words)
    assert len(made.stderr.splitlines()) <= 1, made.stderr
    return made.returncode, made.stderr


def written(copy: ProjectCopy, name: str, text: str) -> Path:
    file = copy.folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


@pytest.mark.parametrize("template", [("-t", "gallery", "--no-page"), ("-t", "basic")])
def test_what_it_has_made_is_replaced_with_force(
    copy: ProjectCopy, template: tuple[str, ...]
) -> None:
    spider = copy.folder / "imagecrawl/spiders/my_roses.py"
    assert genspider(copy, "my-roses", *template) == (0, "")
    begun = spider.read_text()
    spider.write_text(begun + "\n# mine\n")
    code, complaint = genspider(copy, "my-roses", *template)
    assert code == 1 and "there is a spider 'my-roses' already: --force replaces it" in complaint
    assert genspider(copy, "my-roses", *template, "--force") == (0, "")
    assert spider.read_text() == begun

    # The same file, and another spider.
    code, complaint = genspider(copy, "my.roses", *template, "--force")
    assert code == 1 and NOT_MADE in complaint and "--force" not in complaint
    assert spider.read_text() == begun


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("imagecrawl/spiders/tools.py", "WIDTH = 3\n"),
        (
            "imagecrawl/spiders/tools.py",
            "class X:\n    name = 'tools'\n    allowed_domains = ()\n",
        ),
        ("imagecrawl/spiders/tools/__init__.py", ""),
        ("tests/spiders/test_tools.py", "def test_tools() -> None: ...\n"),
        ("tests/spiders/test_tools.py", "def broken(:\n"),
        ("tests/spiders/test_tools.py", "from imagecrawl.spiders import tools\n"),
        ("tests/spiders/test_tools.py", "from imagecrawl.testing import parse_saved\n"),
    ],
)
def test_a_file_of_somebody_else_is_kept(copy: ProjectCopy, name: str, text: str) -> None:
    file = written(copy, name, text)
    for words in ((), ("--force",)):
        code, complaint = genspider(copy, "tools", *words)
        assert code == 1 and f"{name} {NOT_MADE}" in complaint
        assert "--force" not in complaint and "another name" in complaint
    assert file.read_text() == text
    assert copy.run("scrapy", "list").stdout.split() == ["images"]


def test_a_test_that_was_left_behind_is_replaced(copy: ProjectCopy) -> None:
    assert genspider(copy, "roses") == (0, "")
    (copy.folder / "imagecrawl/spiders/roses.py").unlink()
    code, complaint = genspider(copy, "roses")
    assert code == 1 and "test_roses.py is there already: --force replaces it" in complaint
    assert genspider(copy, "roses", "--force") == (0, "")


def test_a_spider_in_another_module_is_not_doubled(copy: ProjectCopy) -> None:
    text = "import scrapy\nclass One(scrapy.Spider):\n    name = 'roses'\n"
    written(copy, "imagecrawl/spiders/flowers.py", text)
    code, complaint = genspider(copy, "roses", "--force")
    assert code == 1 and "'roses' already, in imagecrawl.spiders.flowers" in complaint
    assert not (copy.folder / "imagecrawl/spiders/roses.py").exists()
