"""Another Scrapy project, which has imagecrawl from a wheel, and uses it as an add-on."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from textwrap import dedent

from tests.projectcopy import ProjectCopy

ADDONS = 'ADDONS = {"imagecrawl.addon.ImageCrawlAddon": 500}\n'

SPIDER = """
import scrapy


class PhotosSpider(scrapy.Spider):
    name = "photos"

    def __init__(self, page="", **kwargs):
        super().__init__(**kwargs)
        self.start_urls = [page]

    def parse(self, response):
        names = ("RETRY_TIMES", "CONCURRENT_ITEMS", "AUTOTHROTTLE_START_DELAY", "BOT_NAME")
        self.logger.info("settings: %s", [self.settings[name] for name in names])
        yield {"price": 3, "image_urls": response.css("img::attr(src)").getall()}
"""

PIPELINE = '''
class PricePipeline:
    """Sees the records of imagecrawl, for it comes after its pipelines."""

    def process_item(self, item):
        assert item["sha256"] and item["price"] == 3
        item["currency"] = "EUR"
        return item
'''


def build_wheel(folder: Path) -> Path:
    """Build the wheel of the project below *folder*, without the network."""
    source = ProjectCopy(folder / "source").folder
    code = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(folder)],
        cwd=source,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("imagecrawl-*.whl")
    return wheel


def install(wheel: Path, folder: Path) -> Path:
    """Install *wheel* into a virtual environment in *folder*; return its interpreter."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    base = {"base": str(folder), "platbase": str(folder)}
    scheme = sysconfig.get_preferred_scheme("prefix")
    scheme = "venv" if "venv" in sysconfig.get_scheme_names() else scheme
    site = Path(sysconfig.get_path("purelib", scheme, vars=base))
    pip = ("pip", "install", "--no-deps", "--no-index", "--no-warn-script-location", "--quiet")
    subprocess.run([sys.executable, "-m", *pip, "--target", str(site), str(wheel)], check=True)
    # What it depends on is the environment of the tests: nothing is downloaded.
    ours = sysconfig.get_path("purelib")
    (site / "dependencies.pth").write_text(f"{ours}\n", encoding="utf-8")
    scripts = sysconfig.get_path("scripts", scheme, vars=base)
    return Path(scripts) / Path(sys.executable).name


class Shop:
    """A project in a *folder* of its own, run by *python*."""

    def __init__(self, folder: Path, python: Path) -> None:
        self.folder = folder
        self.python = python
        self.write("scrapy.cfg", "[settings]\ndefault = shop.settings\n")
        self.write("shop/__init__.py", "")
        self.write("shop/spiders/__init__.py", "")
        self.write("shop/spiders/photos.py", SPIDER)
        self.write("shop/pipelines.py", PIPELINE)
        self.write(
            "shop/settings.py",
            ADDONS
            + dedent("""
                BOT_NAME = "shop"
                SPIDER_MODULES = ["shop.spiders"]
                NEWSPIDER_MODULE = "shop.spiders"
                ITEM_PIPELINES = {"shop.pipelines.PricePipeline": 500}
                RETRY_TIMES = 3
                IMAGECRAWL_BACKOFF_BASE_SECS = 0.1
            """),
        )

    def write(self, name: str, text: str) -> None:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run ``python words...`` in the folder."""
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return subprocess.run(
            [str(self.python), *words],
            cwd=self.folder,
            env={**kept, "PYTHONWARNINGS": "default"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def scrapy(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run("-m", "scrapy", *words)

    def images(self, store: str = "images") -> set[bytes]:
        return {file.read_bytes() for file in (self.folder / store / "full").glob("*/*")}
