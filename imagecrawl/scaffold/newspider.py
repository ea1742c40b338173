"""Which files does a new spider consist of, and what is in them?"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from w3lib.url import safe_url_string

from imagecrawl.errors import ConfigError
from imagecrawl.inputs.urls import check_url
from imagecrawl.scaffold.templates import Template, render

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*\Z")
_SITEMAP = re.compile(r"\.xml(\.gz)?\Z|/robots\.txt\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NewSpider:
    """A spider to be, in the *package* of spiders whose project is in the folder *root*."""

    name: str
    url: str
    template: Template
    package: str
    root: Path
    sitemap: str | None = None
    """The sitemap that was given for its address."""

    @property
    def module(self) -> str:
        return re.sub(r"[.-]", "_", self.name)

    @property
    def spider_file(self) -> Path:
        return self.root.joinpath(*self.package.split("."), f"{self.module}.py")

    @property
    def test_file(self) -> Path:
        return self.root / "tests" / "spiders" / f"test_{self.module}.py"

    @property
    def page_file(self) -> Path:
        return self.test_file.parent / "pages" / f"{self.module}{self.template.suffix}"

    @property
    def files(self) -> list[Path]:
        return [self.spider_file, self.test_file, self.page_file]

    def of_sitemap(self, sitemap: str) -> NewSpider:
        """Return the same for the pages of *sitemap*, none of which is known."""
        return replace(self, sitemap=sitemap, url=urljoin(sitemap, "/"))

    def write(self) -> None:
        """Write the spider and its test, and make the folder for its page."""
        parts = urlsplit(self.url)
        words = [word.capitalize() for word in self.module.split("_")]
        values = {
            "name": self.name,
            "module": self.module,
            "package": self.package,
            "classname": f"{''.join(words)}Spider",
            "url": self.url,
            "sitemap": self.sitemap or urljoin(self.url, "/sitemap.xml"),
            "domain": parts.hostname or "",
            "suffix": self.template.suffix,
            "fills": self.template.fills,
            "finds": self.template.finds,
        }
        self.page_file.parent.mkdir(parents=True, exist_ok=True)
        self.spider_file.write_text(render(self.template.name, values), encoding="utf-8")
        self.test_file.write_text(render("test", values), encoding="utf-8")


def new_spider(name: str, address: str, template: Template, package: str) -> NewSpider:
    """Return the spider *name* of a site, whose *address* is a URL or a domain.

    Raises :exc:`ConfigError` when the name or the address cannot be used.
    """
    check_name(name, usable=bool(_NAME.match(name)))
    url = safe_url_string(address if "://" in address else f"https://{address}")
    try:
        check_url(url)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    spider = NewSpider(name, url, template, package, _root(package))
    if template.name == "sitemap" and _SITEMAP.search(urlsplit(url).path):
        return spider.of_sitemap(url)
    return spider


def check_name(name: str, *, usable: bool) -> None:
    """Raise :exc:`ConfigError` where a spider's module cannot have the *name*, and say why."""
    if keyword.iskeyword(name):
        raise ConfigError(f"{name!r} is a keyword of Python, reserved: choose another name")
    if not usable:
        raise ConfigError(
            f"{name!r} is no usable name: a letter, then letters, digits, '.', '_' and '-'"
        )


def spiders_folder(package: str) -> Path:
    """Return the folder of the *package*. Raises :exc:`ConfigError` where it has none."""
    file = import_module(package).__file__
    if file is None:
        raise ConfigError(f"NEWSPIDER_MODULE={package!r} has no __init__.py")
    return Path(file).resolve().parent


def _root(package: str) -> Path:
    """Return the folder that the topmost package of *package* is in."""
    return spiders_folder(package).parents[package.count(".")]
