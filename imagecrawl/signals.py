"""Which signals of its own does imagecrawl send? (Scrapy's are in ``scrapy.signals``.)"""

from __future__ import annotations

image_recorded = object()
"""``image_recorded(record: ImageRecord, entry_id: int)``: an image is in the store."""

shutdown_deadline = object()
"""``shutdown_deadline()``: the crawl is stopping, and what is still downloading is given up."""

crawl_aborted = object()
"""``crawl_aborted()``: the crawl closes for a fault of ours or of the disk."""
