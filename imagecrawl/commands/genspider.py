"""``scrapy genspider``: a new spider, and with our own templates a saved page and a test, too."""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from scrapy.commands import genspider
from scrapy.exceptions import UsageError

from imagecrawl.errors import ConfigError
from imagecrawl.scaffold.newspider import NewSpider, check_name, new_spider, spiders_folder
from imagecrawl.scaffold.replacing import check_new
from imagecrawl.scaffold.savepage import SavePageSpider
from imagecrawl.scaffold.telling import tell_made, tell_templates
from imagecrawl.scaffold.templates import TEMPLATES, template_text
from imagecrawl.text import printable
from imagecrawl.typed import scrapy_command


class Command(genspider.Command):
    """Exit codes: 0, the spider is there (the page may have to be saved by hand); 1, it cannot be
    made."""

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
            tell_templates(Path(self.templates_dir))
        elif opts.dump in TEMPLATES:
            print(template_text(opts.dump), end="")
        elif not opts.dump and len(args) != 2:
            raise UsageError("name the spider, and its domain or URL")
        else:
            try:
                self._make(args, opts)
            except ConfigError as error:
                print(f"imagecrawl: error: {error}", file=sys.stderr)
                self.exitcode = 1

    def _make(self, args: list[str], opts: argparse.Namespace) -> None:
        if opts.dump:
            self._check_template(opts.dump)
            super().run(args, opts)
            return
        ours = opts.template in TEMPLATES
        file = self._begin(args, opts) if ours else self._begin_as_scrapy_does(args, opts)
        if opts.edit:
            self._edit(file)

    def _begin(self, args: list[str], opts: argparse.Namespace) -> Path:
        assert self.settings is not None
        package = self.settings["NEWSPIDER_MODULE"]
        if not package:
            raise ConfigError("NEWSPIDER_MODULE is not set: where do the spiders belong?")
        name, address = args
        spider = new_spider(name, address, TEMPLATES[opts.template], package)
        check_new(self.settings, name, spider.module, spider.files, force=opts.force)
        saving = None if opts.no_page else self._save(spider)
        if saving is not None and saving.refused is not None:
            raise ConfigError(printable(saving.refused))
        if saving is not None and saving.sitemap is not None:
            spider = spider.of_sitemap(saving.sitemap)
        saved = saving.url if saving is not None and saving.saved else None
        spider = replace(spider, url=saved or spider.url)
        spider.write()
        tell_made(spider, saved)
        if saving is not None and saving.problem is not None:
            # A bare domain is asked by https.
            hint = "" if saving.answered or "://" in address else f"; is it http://{address}?"
            print(f"imagecrawl: {printable(saving.problem)}{hint}", file=sys.stderr)
        return spider.spider_file

    def _begin_as_scrapy_does(self, args: list[str], opts: argparse.Namespace) -> Path:
        # Scrapy exits with 0 where it cannot.
        assert self.settings is not None
        package = self.settings["NEWSPIDER_MODULE"]
        module = genspider.sanitize_module_name(args[0]) if args[0] else ""
        check_name(args[0], usable=module.isidentifier())
        file = (spiders_folder(package) if package else Path.cwd()) / f"{module}.py"
        self._check_template(opts.template)
        check_new(self.settings, args[0], module, [file], force=opts.force)
        super().run(args, argparse.Namespace(**{**vars(opts), "edit": False}))
        return file

    def _check_template(self, name: str) -> None:
        file = name if name.endswith(".tmpl") else f"{name}.tmpl"
        if not Path(file).exists() and not Path(self.templates_dir, file).exists():
            listing = scrapy_command("genspider", "--list")
            raise ConfigError(f"there is no template {name!r}: {listing} shows all")

    def _save(self, spider: NewSpider) -> SavePageSpider | None:
        """Return the spider that has saved the page, or knows why it could not."""
        assert self.crawler_process is not None
        crawler = self.crawler_process.create_crawler(SavePageSpider)
        about = {"url": spider.url, "file": spider.page_file, "template": spider.template}
        self.crawler_process.crawl(crawler, **about, sitemap=spider.sitemap)
        self.crawler_process.start()
        saving = crawler.spider
        return saving if isinstance(saving, SavePageSpider) else None

    def _edit(self, file: Path) -> None:
        assert self.settings is not None
        editor = self.settings["EDITOR"]
        try:
            self.exitcode = subprocess.call([*shlex.split(editor), str(file)])
        except OSError as error:
            raise ConfigError(f"the editor {editor!r} cannot be run: {error.strerror}") from None
