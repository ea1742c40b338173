"""Which lines of Scrapy's are for DEBUG, or for nobody?"""

from __future__ import annotations

import logging

_BLOCKS = {
    "scrapy.addons": "Enabled addons",
    "scrapy.crawler": "Overridden settings",
    "scrapy.middleware": "Enabled ",
    "scrapy.utils.log": "Versions",
}
"""What Scrapy tells of its own set-up at INFO, by logger: how the message begins."""
_DUMP = ("scrapy.statscollectors", "Dumping Scrapy stats")
_WRONG_ADVICE = "DOWNLOAD_FAIL_ON_DATALOSS"
"""Half an image is tried again, and resumed; who follows the advice stores halves."""


class Brief(logging.Filter):
    """Keeps a log above DEBUG to the story of the crawl (``IMAGECRAWL_LOG_BRIEF``).

    *dump*: the stats at the close belong to it.
    """

    def __init__(self, handler: logging.Handler, *, dump: bool) -> None:
        super().__init__()
        self._handler = handler
        self._hidden = _BLOCKS if dump else {**_BLOCKS, _DUMP[0]: _DUMP[1]}

    def filter(self, record: logging.LogRecord) -> bool:
        message = str(record.msg)
        if record.name.startswith("scrapy.") and _WRONG_ADVICE in message:
            return False
        begin = self._hidden.get(record.name)
        everything = self._handler.level <= logging.DEBUG
        return begin is None or everything or not message.startswith(begin)
