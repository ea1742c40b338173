"""How does a host refuse everything, without a word that says so?"""

from __future__ import annotations

from collections.abc import Callable

from tests.rawserver import Asked

PAGE = b"<!doctype html><html><title>Are you human?</title><body>" + b"no " * 300


def status(line: str) -> Callable[[Asked], None]:
    """Return what answers with the status *line* and a page."""
    return lambda asked: asked.answer(PAGE, status=line, Content_Type="text/html")


TONGUES: dict[str, Callable[[Asked], None]] = {
    "403": status("403 Forbidden"),
    "500": status("500 Internal Server Error"),
    "captcha": lambda asked: asked.answer(PAGE, Content_Type="text/html"),
    "captcha-as-jpeg": lambda asked: asked.answer(PAGE, Content_Type="image/jpeg"),
    "empty": lambda asked: asked.answer(b"", Content_Type="image/jpeg"),
    "redirect": lambda asked: asked.answer(b"", status="302 Found", Location="/blocked"),
}
