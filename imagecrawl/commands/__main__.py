"""``scrapy``, for ``python3 -m imagecrawl``: Ctrl-C is looked after while Scrapy is imported."""

from imagecrawl import commands  # noqa: F401  # before Scrapy, which takes half a second

if __name__ == "__main__":
    from scrapy.cmdline import execute

    execute()
