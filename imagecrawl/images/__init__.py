"""The pure room of bytes: is a body a complete image, and which?

No Scrapy, no network, no disk, no clock in here.
"""
