"""A project of one's own: the add-on, and Spidermon as docs/stats.md says."""

BOT_NAME = "monitored"
COMMANDS_MODULE = "imagecrawl.commands"
SPIDER_MODULES = ["imagecrawl.spiders"]
ADDONS = {"imagecrawl.addon.ImageCrawlAddon": 500}

SPIDERMON_ENABLED = True
EXTENSIONS = {"spidermon.contrib.scrapy.extensions.Spidermon": 500}
SPIDERMON_SPIDER_CLOSE_MONITORS = ["tests.monitoring.monitors.CrawlSuite"]
