"""The spiders that Scrapy brings along, with all that they offer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import scrapy
from scrapy.http import Request, Response
from scrapy.linkextractors import LinkExtractor
from scrapy.spiders import CrawlSpider, CSVFeedSpider, Rule, SitemapSpider, XMLFeedSpider


class Product(scrapy.Item):
    page = scrapy.Field()
    text = scrapy.Field()
    image_urls = scrapy.Field()


def without_last(links: list[Any]) -> list[Any]:
    return [link for link in links if not link.url.endswith("/last")]


def marked(request: Request, response: Response) -> Request | None:
    if request.url.endswith("/unwanted"):
        return None
    return request.replace(cb_kwargs={"via": response.css("title::text").get()})


class Base(scrapy.Spider):
    def __init__(self, base: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.base = base
        self.start_urls = [f"{base}/page/0"]

    def product(self, response: Response, **_: Any) -> Iterator[Any]:
        product = Product(page=response.url, text=response.meta.get("link_text"))
        # The familiar way: an item that is filled on its way, from page to page.
        yield response.follow("more", self.filled, cb_kwargs={"product": product})

    def filled(self, response: Response, product: Product) -> Iterator[Any]:
        assert isinstance(product, Product)
        product["image_urls"] = response.css("img::attr(src)").getall()
        yield product


class CrawlerSpider(Base, CrawlSpider):
    name = "classic-crawl"
    rules = (
        Rule(LinkExtractor(allow="/page/"), process_links=without_last, follow=True),
        Rule(
            LinkExtractor(allow="/item/"),
            callback="product_via",
            process_links="counted",
            process_request=marked,
            errback="lost",
            cb_kwargs={"rule": "items"},
        ),
        Rule(LinkExtractor(allow="/other/"), callback=lambda response: response.follow("2")),
    )

    def counted(self, links: list[Any]) -> list[Any]:
        return links

    def product_via(self, response: Response, via: str, rule: str) -> Iterator[Any]:
        assert via.startswith("Page") and rule == "items"
        return self.product(response)

    def lost(self, failure: Any) -> Iterator[Any]:
        yield Request(f"{self.base}/found", self.product)


class NamedSpider(Base, SitemapSpider):
    name = "classic-sitemap"
    sitemap_rules = (("/item/", "product"),)

    def __init__(self, base: str = "", **kwargs: Any) -> None:
        super().__init__(base, **kwargs)
        self.sitemap_urls = [f"{base}/sitemap.xml"]


class XmlSpider(Base, XMLFeedSpider):
    name = "classic-xml"
    itertag = "item"

    def __init__(self, base: str = "", **kwargs: Any) -> None:
        super().__init__(base, **kwargs)
        self.start_urls = [f"{base}/feed.xml"]

    def parse_node(self, response: Response, selector: Any) -> Any:
        url = selector.xpath("link/text()").get()
        return Request(url, self.product, meta={"link_text": selector.xpath("link/text()")[0].root})


class CsvSpider(Base, CSVFeedSpider):
    name = "classic-csv"

    def __init__(self, base: str = "", **kwargs: Any) -> None:
        super().__init__(base, **kwargs)
        self.start_urls = [f"{base}/feed.csv"]

    def parse_row(self, response: Response, row: dict[str, str]) -> Any:
        return Request(row["link"], self.product, meta={"row": row})
