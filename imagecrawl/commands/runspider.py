"""``scrapy runspider``: Scrapy's own, with our log from its first line."""

from __future__ import annotations

import argparse

from scrapy.commands.runspider import Command as RunSpider

from imagecrawl.logs.handler import begin_logs


class Command(RunSpider):
    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        assert self.settings is not None
        begin_logs(self.settings)
