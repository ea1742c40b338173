"""``scrapy list``: the spiders, once it is certain that they could run."""

from __future__ import annotations

import argparse
import sys

from scrapy.commands.list import Command as StockCommand

from imagecrawl.components import check_components
from imagecrawl.errors import ConfigError


class Command(StockCommand):
    """Scrapyd asks this of whatever is deployed to it. Exit code 1: something cannot be loaded,
    so that the node says ``"status": "error"``, and refuses to schedule it."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        try:
            check_components(self.settings)
        except ConfigError as error:
            print(f"imagecrawl: error: {error}", file=sys.stderr)
            self.exitcode = 1
            return
        super().run(args, opts)
