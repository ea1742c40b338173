from __future__ import annotations

from imagecrawl.spiders.pages import PageChoice


def test_patterns() -> None:
    choice = PageChoice(allow="/p/", deny=r"\?", max_pages=None)
    assert list(choice.choose(["/p/1", "/p/2?x", "/q/1", "/p/1"])) == ["/p/1", "/p/1"]


def test_at_most_so_many() -> None:
    choice = PageChoice(None, None, 3)
    choice.know(["/start"])
    assert list(choice.choose(["/1", "/start", "/1", "/2", "/3"])) == ["/1", "/start", "/1", "/2"]
    assert not choice.takes("/4") and choice.takes("/2")
