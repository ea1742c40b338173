"""imagecrawl: a Scrapy project for batch image crawling that loses nothing.

Nothing is imported here: ``python3 -m imagecrawl`` must start on a machine that has no
dependency installed yet, and ``setup.py`` reads the version without importing Scrapy.
"""

__version__ = "0.1.0"
