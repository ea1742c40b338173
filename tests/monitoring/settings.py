"""The project's settings with Spidermon, as docs/stats.md says."""

from imagecrawl.settings import *  # noqa: F403
from imagecrawl.settings import EXTENSIONS

EXTENSIONS = {**EXTENSIONS, "spidermon.contrib.scrapy.extensions.Spidermon": 500}
