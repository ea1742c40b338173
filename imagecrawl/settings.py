"""Every setting and its default. The component tables are the map of what happens when.

``docs/settings.md`` says what each one does; a test holds the two together.
"""

from __future__ import annotations

import os

BOT_NAME = "imagecrawl"
SPIDER_MODULES = ["imagecrawl.spiders"]
NEWSPIDER_MODULE = "imagecrawl.spiders"
COMMANDS_MODULE = "imagecrawl.commands"

# --- Where things go -----------------------------------------------------------------------
IMAGECRAWL_HOME = os.environ.get("IMAGECRAWL_HOME", "")
IMAGES_STORE = "images"  # below IMAGECRAWL_HOME, else the current folder
IMAGECRAWL_JOBS_DIR = "jobs"  # below IMAGECRAWL_HOME, else Scrapy's project data folder `.scrapy`
IMAGECRAWL_FRONTIER_ENABLED = True
IMAGECRAWL_READ_AHEAD_ENTRIES = 10_000

# --- The way of a request, from the engine (low) to the network (high) ---------------------
DOWNLOADER_MIDDLEWARES = {
    "imagecrawl.middlewares.stored.StoredImageMiddleware": 10,
    "imagecrawl.middlewares.slot.HostSlotMiddleware": 20,
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "imagecrawl.middlewares.offsite.LeasedOffsiteMiddleware": 50,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "imagecrawl.middlewares.robots.RobotsMiddleware": 100,
    "imagecrawl.middlewares.useragent.RotatingUserAgentMiddleware": 390,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": None,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "imagecrawl.middlewares.retry.BackoffRetryMiddleware": 550,
    "imagecrawl.middlewares.pages.EmptyPageMiddleware": 560,
    # httpcompression.HttpCompressionMiddleware                  590
    "imagecrawl.middlewares.compression.CutCompressionMiddleware": 595,
    # redirect.RedirectMiddleware                                600
}
# Scrapy's default resolver knows IPv4 only.
TWISTED_DNS_RESOLVER = "scrapy.resolver.CachingHostnameResolver"
DOWNLOAD_HANDLERS = {
    "http": "imagecrawl.handlers.http.ImageDownloadHandler",
    "https": "imagecrawl.handlers.http.ImageDownloadHandler",
}

# --- The way in and out of the spider, from the engine (low) to the spider (high) ----------
SPIDER_MIDDLEWARES = {
    "imagecrawl.spidermiddlewares.frontier.FrontierMiddleware": 10,
    # httperror.HttpErrorMiddleware                              50
    # referer.RefererMiddleware                                  700
    "imagecrawl.spidermiddlewares.images.ImageRequestsMiddleware": 750,
    # urllength.UrlLengthMiddleware 800, depth.DepthMiddleware   900
}

# --- The way of an image --------------------------------------------------------------------
ITEM_PIPELINES = {
    "imagecrawl.pipelines.inspect.InspectPipeline": 100,
    "imagecrawl.pipelines.store.StorePipeline": 300,
    "imagecrawl.pipelines.duplicates.DuplicatesPipeline": 350,
    "imagecrawl.pipelines.record.RecordPipeline": 400,
}

EXTENSIONS = {
    "imagecrawl.extensions.logs.LogsExtension": -200,
    "imagecrawl.extensions.job.JobExtension": -100,  # first: the others find the job open
    "imagecrawl.extensions.shutdown.ShutdownExtension": 0,
    # throttle.AutoThrottle                                      0
    "imagecrawl.extensions.throttle.ThrottleExtension": 50,
    "imagecrawl.extensions.accounting.AccountingExtension": 100,
    "imagecrawl.extensions.report.ReportExtension": 150,  # reads what the accounting has committed
    "imagecrawl.extensions.prometheus.PrometheusExtension": 190,
    "scrapy.extensions.logstats.LogStats": None,
    "imagecrawl.extensions.logstats.LogStatsExtension": 200,
    "imagecrawl.extensions.progress.ProgressExtension": 210,  # its end is the last
}

SPIDER_CONTRACTS = {"imagecrawl.contracts.images.ImagesContract": 100}  # `scrapy check`

# --- Manners --------------------------------------------------------------------------------
CONCURRENT_REQUESTS = 32
CONCURRENT_REQUESTS_PER_DOMAIN = 8
# Never 0: without any delay Scrapy's downloader overshoots the limit per domain.
DOWNLOAD_DELAY = 0.001
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 0.1
AUTOTHROTTLE_MAX_DELAY = 30.0
AUTOTHROTTLE_TARGET_CONCURRENCY = 6.0
ROBOTSTXT_OBEY = True

# --- Limits ---------------------------------------------------------------------------------
DOWNLOAD_TIMEOUT = 3600  # of the largest file over the slowest line
IMAGECRAWL_STALL_TIMEOUT_SECS = 30.0
IMAGECRAWL_MIN_BYTES_PER_SEC = 500.0
IMAGECRAWL_MIN_RATE_WINDOW_SECS = 60.0
IMAGECRAWL_SHUTDOWN_GRACE_SECS = 5.0
IMAGECRAWL_RESUME_MIN_BYTES = 1024 * 1024
IMAGECRAWL_PARTIAL_MAX_BYTES = 1024 * 1024 * 1024
DOWNLOAD_MAXSIZE = 256 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
URLLENGTH_LIMIT = 0  # signed URLs are long, and one that is dropped would be lost
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 50_000_000
CONCURRENT_ITEMS = 2
IMAGECRAWL_DECODE = "sample"
IMAGECRAWL_MAX_PIXELS = 89_478_485  # Pillow's own limit, a quarter of a GiB as RGB
IMAGECRAWL_IMAGE_THREADS = 2

# --- What is wanted: the filters of the spider's arguments; 0 or empty is no limit ------------
IMAGECRAWL_FORMATS: list[str] = []
IMAGES_MIN_WIDTH = 0
IMAGES_MIN_HEIGHT = 0
IMAGECRAWL_MAX_ASPECT = 0.0
IMAGECRAWL_MIN_BYTES = 0
IMAGECRAWL_MAX_BYTES = 0
IMAGECRAWL_IMAGE_ALLOW = ""
IMAGECRAWL_IMAGE_DENY = ""
IMAGECRAWL_DATA_IMAGES = True

# --- Retries --------------------------------------------------------------------------------
RETRY_ENABLED = True
RETRY_TIMES = 10
RETRY_HTTP_CODES = [
    *(408, 421, 425, 429, 500, 502, 503, 504, 509),
    *(520, 521, 522, 523, 524, 525, 527, 529, 530, 598, 599),
]
IMAGECRAWL_BACKOFF_BASE_SECS = 1.0
IMAGECRAWL_BACKOFF_MAX_SECS = 60.0
IMAGECRAWL_BACKOFF_JITTER = 0.25
IMAGECRAWL_DOUBTFUL_RETRY_TIMES = 5

# --- Hosts that fight back ------------------------------------------------------------------
# Which failures count against a host, and how many in a row open its breaker. A burst is one.
IMAGECRAWL_HOST_FAILURES = {
    "http_429": 1,
    "http_503": 2,
    "reset": 2,
    "refused": 2,
    "lost": 2,
    "truncated": 3,
    "timeout": 2,
    "connection": 2,
    "dns": 2,
    "tls": 2,
    "proxy": 2,
}
IMAGECRAWL_HOST_PAUSE_MAX_SECS = 300.0
IMAGECRAWL_HOST_GIVE_UP_SECS = 1800.0
IMAGECRAWL_RETRY_AFTER_MAX_SECS = 3600.0
IMAGECRAWL_CRAWL_DELAY_MAX_SECS = 300.0
IMAGECRAWL_OUTAGE_HOSTS = 3
IMAGECRAWL_OUTAGE_WINDOW_SECS = 30.0

# --- Identity -------------------------------------------------------------------------------
FAKEUSERAGENT_PROVIDERS = ["imagecrawl.middlewares.browser_provider.BrowserProvider"]
COOKIES_ENABLED = True

# --- What people see ------------------------------------------------------------------------
IMAGECRAWL_REPORT_ENABLED = True
IMAGECRAWL_PROGRESS = os.environ.get("IMAGECRAWL_PROGRESS", "auto")
LOGSTATS_INTERVAL = 60.0
LOG_LEVEL = "INFO"
LOG_FORMATTER = "imagecrawl.logs.formatter.ImageLogFormatter"
IMAGECRAWL_LOG_JSON = False
IMAGECRAWL_LOG_BRIEF = True
LOG_VERSIONS: list[str] = []
FEED_EXPORT_ENCODING = "utf-8"
IMAGECRAWL_PROMETHEUS_PORT = 0

# Scrapy's consoles run Python for whoever reaches their port.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
