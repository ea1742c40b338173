"""What does ``scrapy genspider`` say?"""

from __future__ import annotations

from pathlib import Path

from imagecrawl.scaffold.newspider import NewSpider
from imagecrawl.scaffold.templates import TEMPLATES
from imagecrawl.scaffold.typed import fetch_command, shown, test_command


def tell_templates(folder: Path) -> None:
    """Say which templates there are: Scrapy's own or the user's are in *folder*."""
    print("Available templates:")
    for file in sorted(folder.glob("*.tmpl")):
        print(f"  {file.stem}")
    print("With a saved page and a test:")
    for one in TEMPLATES.values():
        print(f"  {one.name:<8}  {one.about}")


def tell_made(spider: NewSpider, saved: str | None) -> None:
    """Say what is there, and what is to be done; *saved* is the URL of the saved page."""
    page = shown(spider.page_file)
    print(f"The spider {spider.name!r} is in {shown(spider.spider_file)}")
    if saved is not None:
        print(f"The page {saved} is saved in {page}")
    elif spider.page_file.exists():
        print(f"The page that was in {page} before is still there")
    else:
        print(f"Save a page in {page}, for instance with:")
        print(f"  {fetch_command(spider.url, spider.page_file)}")
    print(f"Fill in `{spider.template.fills}` of the spider, until its test passes:")
    print(f"  {test_command(spider.test_file)}")
