"""Which pages are there, at which addresses, and what does the server send for them?

``tests/pages/NAME.html`` is sent byte by byte; ``NAME.headers`` has its headers where the
``Content-Type`` is to say more than ``text/html``. All hosts are names under ``localhost``, which
RFC 6761 reserves: the browser is told to take them all to the one server of the test.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scrapy.http import HtmlResponse

PAGES = Path(__file__).resolve().parents[1] / "pages"
SITE = "http://site.localhost"


@dataclass(frozen=True)
class Page:
    """One saved page."""

    name: str

    @property
    def path(self) -> str:
        return f"/pages/{self.name}.html"

    @property
    def url(self) -> str:
        return SITE + self.path

    @property
    def body(self) -> bytes:
        return (PAGES / f"{self.name}.html").read_bytes()

    @property
    def headers(self) -> dict[str, str]:
        file = PAGES / f"{self.name}.headers"
        lines = file.read_text(encoding="ascii").splitlines() if file.exists() else []
        pairs = (line.partition(": ") for line in lines)
        return {"Content-Type": "text/html"} | {name: value for name, _, value in pairs}

    def response(self) -> HtmlResponse:
        """Return what Scrapy would make of the server's answer."""
        return HtmlResponse(self.url, body=self.body, headers=self.headers)


def all_pages() -> list[Page]:
    """Return every page, by name."""
    return [Page(file.stem) for file in sorted(PAGES.glob("*.html"))]
