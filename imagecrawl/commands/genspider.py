"""``scrapy genspider``: a new spider, and with our own templates a saved page and a test, too."""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

from scrapy.commands import genspider
from scrapy.exceptions import UsageError
from scrapy.spiderloader import get_spider_loader

from imagecrawl.errors import ConfigError
from imagecrawl.scaffold.newspider import NewSpider, new_spider
from imagecrawl.scaffold.savepage import SavePageSpider
from imagecrawl.scaffold.templates import TEMPLATES, template_text


class Command(genspider.Command):
    """Scrapy's own templates are Scrapy's own affair; exit codes of ours: 0, the spider is there
    (the page may have to be saved by hand); 1, it cannot be made."""

    requires_project = True
    requires_crawler_process = True  # it saves the page
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[options] <name> <domain or URL>"

    def short_desc(self) -> str:
        return "Begin a new spider, with a test for it (-t gallery, list, sitemap or api)"

    def long_desc(self) -> str:
        kinds = "; ".join(f"{one.name}: {one.about}" for one in TEMPLATES.values())
        return (
            f"Begin a new spider with a template. With these it gets a saved page and a test, "
            f"which fails until one line of the spider is filled in: {kinds}. Example: "
            "scrapy genspider -t gallery roses https://example.com/roses/. "
            "Scrapy's own templates write the spider only."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--no-page", action="store_true", help="Do not save the page")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if opts.list:
            super().run(args, opts)
            print("With a saved page and a test:")
            for one in TEMPLATES.values():
                print(f"  {one.name:<8}  {one.about}")
        elif opts.dump in TEMPLATES:
            print(template_text(opts.dump), end="")
        elif opts.dump or opts.template not in TEMPLATES:
            super().run(args, opts)
        elif len(args) != 2:
            raise UsageError("name the spider, and its domain or URL")
        else:
            self._begin(args[0], args[1], opts)

    def _begin(self, name: str, address: str, opts: argparse.Namespace) -> None:
        assert self.settings is not None
        package = self.settings["NEWSPIDER_MODULE"]
        try:
            if not package:
                raise ConfigError("NEWSPIDER_MODULE is not set: where do the spiders belong?")
            spider = new_spider(name, address, TEMPLATES[opts.template], package)
            if not opts.force:
                self._check_new(spider)
        except ConfigError as error:
            print(f"imagecrawl: error: {error}", file=sys.stderr)
            self.exitcode = 1
            return
        spider.write()
        if not opts.no_page:
            self._save(spider)
        _tell(spider)
        if opts.edit:
            editor = shlex.split(self.settings["EDITOR"])
            self.exitcode = subprocess.call([*editor, str(spider.spider_file)])

    def _check_new(self, spider: NewSpider) -> None:
        assert self.settings is not None
        if spider.name in get_spider_loader(self.settings).list():
            raise ConfigError(f"there is a spider {spider.name!r} already: --force replaces it")
        existing = spider.existing()
        if existing is not None:
            raise ConfigError(f"{_short(existing)} is there already: --force replaces it")

    def _save(self, spider: NewSpider) -> None:
        assert self.crawler_process is not None
        spider.page_file.unlink(missing_ok=True)
        self.crawler_process.crawl(SavePageSpider, url=spider.url, file=spider.page_file)
        self.crawler_process.start()


def _tell(spider: NewSpider) -> None:
    page = _short(spider.page_file)
    print(f"The spider {spider.name!r} is in {_short(spider.spider_file)}")
    if spider.page_file.exists():
        print(f"The page {spider.url} is saved in {page}")
    else:
        print(f"Save a page in {page}, for instance with:")
        print(f"  scrapy fetch --nolog {spider.url} > {page}")
    print(f"Fill in `{spider.template.fills}` of the spider, until its test passes:")
    print(f"  python -m pytest {_short(spider.test_file)}")


def _short(path: Path) -> str:
    here = Path.cwd().resolve()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
