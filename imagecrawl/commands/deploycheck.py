"""``scrapy deploycheck``: does the node run what has just been deployed to it?"""

from __future__ import annotations

import argparse
import sys

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.spiderloader import get_spider_loader

from imagecrawl.errors import ImagecrawlError
from imagecrawl.node.api import Node
from imagecrawl.node.deployed import BadVersion, OtherSpiders, check_deployed, take_back
from imagecrawl.node.targets import find_node


class Command(ScrapyCommand):
    """Exit codes: 0, the node runs this project; 1, it does not, and one line says why."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] [TARGET or URL]"

    def short_desc(self) -> str:
        return "Check what scrapyd-deploy has brought to a Scrapyd, and take it back if it is bad"

    def long_desc(self) -> str:
        return (
            "Check what scrapyd-deploy, which succeeds whatever the node answers, has brought "
            "to a Scrapyd: the version that new jobs run must load there, with all that it "
            "depends on, and have the spiders of this project. If it does not, it is removed, "
            "and the node goes on with the version before. Exit code: 0 all is well, 1 it is not, "
            "2 wrong usage."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        group = parser.add_argument_group(title="Deployment")
        group.add_argument("--project", metavar="NAME", help="default: as in scrapy.cfg")
        group.add_argument("--version", metavar="V", help="the version that new jobs must run")
        group.add_argument(
            "--expect", metavar="SPIDER,...", help="default: the spiders of this project"
        )
        group.add_argument("--keep", action="store_true", help="do not remove a bad version")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) > 1:
            raise UsageError("name one target of scrapy.cfg, or one URL", print_help=False)
        try:
            self._check(args[0] if args else None, opts)
        except ImagecrawlError as error:
            print(f"imagecrawl: error: {error}", file=sys.stderr)
            self.exitcode = 1

    def _check(self, target: str | None, opts: argparse.Namespace) -> None:
        assert self.settings is not None
        node, project = find_node(target)
        project = opts.project or project
        expected = [name.strip() for name in (opts.expect or "").split(",") if name.strip()]
        problem, spiders = None, expected or None
        if not expected:
            problem, spiders = self._own_spiders()
        try:
            version = check_deployed(node, project, spiders, opts.version)
        except OtherSpiders as error:
            # It runs, and what is wrong may be what is expected: the last one is never removed.
            keep = opts.keep or bool(expected) or len(node.versions(project)) < 2
            raise ImagecrawlError(_ended(error, node, project, keep=keep)) from None
        except BadVersion as error:
            raise ImagecrawlError(_ended(error, node, project, keep=opts.keep)) from None
        if problem is not None:
            raise ImagecrawlError(
                f"version {version} of {project} loads on the node, but this project does not "
                f"load here, so its spiders are not known: {problem}"
            )
        names = ", ".join(sorted(spiders or ()))
        print(f"{node.url} runs version {version} of {project}, with the spiders {names}")

    def _own_spiders(self) -> tuple[str | None, list[str] | None]:
        """Return why the spiders of this project are not known, or which they are."""
        assert self.settings is not None
        try:
            return None, get_spider_loader(self.settings).list()
        except Exception as error:  # whatever a broken module raises: the egg has it, too
            return f"{type(error).__name__}: {error}", None


def _ended(error: BadVersion, node: Node, project: str, *, keep: bool) -> str:
    if keep:
        return f"{error}; it is still there, and new jobs would run it"
    return f"{error}; {take_back(node, project, error.version)}"
