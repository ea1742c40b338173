"""Which files may a new spider take the place of? Those that genspider has made, and no others."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from scrapy.settings import BaseSettings
from scrapy.spiderloader import get_spider_loader
from scrapy.utils.spider import iter_spider_classes

from imagecrawl.errors import ConfigError
from imagecrawl.scaffold.typed import shown


def check_new(
    settings: BaseSettings, name: str, module: str, files: Sequence[Path], *, force: bool
) -> None:
    """Raise :exc:`ConfigError` where the spider *name* cannot have its *files*.

    These are the file of the spider and, where they are to be made, its test and its page. What
    genspider has made is replaced with *force*; what anybody else has made never is.
    """
    if module == settings.get("BOT_NAME"):
        raise ConfigError(f"{name!r} is the name of the project: name the spider otherwise")
    full_name = f"{settings['NEWSPIDER_MODULE'] or ''}.{module}"
    loader = get_spider_loader(settings)
    known = name in loader.list()
    _check_made(full_name, name, files)
    if known and loader.load(name).__module__ != full_name:
        where = loader.load(name).__module__
        raise ConfigError(f"there is a spider {name!r} already, in {where}: choose another name")
    if force:
        return
    if known:
        raise ConfigError(f"there is a spider {name!r} already: --force replaces it")
    existing = next((file for file in files if file.exists()), None)
    if existing is not None:
        raise ConfigError(f"{shown(existing)} is there already: --force replaces it")


def _check_made(full_name: str, name: str, files: Sequence[Path]) -> None:
    """Raise :exc:`ConfigError` where one of *files* is there, and genspider has not made it."""
    spider, *others = files
    foreign = _in_the_way(full_name, spider)
    if foreign is None and spider.exists() and not _is_made_spider(full_name, name):
        foreign = spider
    for test in others[:1]:
        if foreign is None and test.exists() and not _is_made_test(test, full_name):
            foreign = test
    if foreign is not None:
        raise ConfigError(
            f"{shown(foreign)} is there, and genspider has not made it for a spider {name!r}: "
            "choose another name"
        )


def _in_the_way(full_name: str, spider: Path) -> Path | None:
    """Return the file that Python would import in place of *spider*, as of a package."""
    spec = None if full_name.startswith(".") else find_spec(full_name)
    origin = None if spec is None or spec.origin is None else Path(spec.origin).resolve()
    return None if origin == spider.resolve() else origin


def _is_made_spider(full_name: str, name: str) -> bool:
    """Tell whether the module has the spider *name* for a site, as all templates have it.

    A spider for any site, such as that of ``crawl images``, belongs to the project.
    """
    if full_name.startswith("."):  # it is in no package, and not to be run for this
        return False
    try:
        module = import_module(full_name)
    except Exception:  # whatever its code raises
        return False
    spiders = iter_spider_classes(module)
    return any(one.name == name and "allowed_domains" in vars(one) for one in spiders)


def _is_made_test(file: Path, full_name: str) -> bool:
    """Tell whether the test in *file* imports the spider and parse_saved, as the template does."""
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return False
    imported = {name for node in ast.walk(tree) for name in _imported(node)}
    return {full_name, "imagecrawl.testing"} <= imported


def _imported(node: ast.AST) -> set[str]:
    if isinstance(node, ast.ImportFrom) and node.module:
        return {node.module} | {f"{node.module}.{one.name}" for one in node.names}
    return {one.name for one in node.names} if isinstance(node, ast.Import) else set()
