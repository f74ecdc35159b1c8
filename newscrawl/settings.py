"""Scrapy's settings and this project's own. Each departure from a default says why.

Every setting NAME is, in this order: ``-s NAME=…``, the environment's ``NEWSCRAWL_NAME``, this file.
"""

from __future__ import annotations

import os

from newscrawl import __version__

BOT_NAME = "newscrawl"
SPIDER_MODULES = ["newscrawl.spiders"]
NEWSPIDER_MODULE = "newscrawl.spiders"
# Our own `crawl` (exit status, checked arguments) takes the place of Scrapy's.
COMMANDS_MODULE = "newscrawl.commands"

# --- Where the lines go -------------------------------------------------------------------------

# Relative to the folder of scrapy.cfg.
DATA_DIR = "data"
# The state of the crawl: a file, or postgresql://USER@HOST/NAME for many workers on one run.
STATE_URL = "sqlite:///{DATA_DIR}/state/newscrawl.db"
# Seconds for which a page is leased to a worker, which renews the lease while it runs. After that others may
# take the page.
LEASE_SECONDS = 120.0
# The name of the disk that this process publishes to; empty for one that is stored in the data folder.
WORKER = ""
# Seconds between publications of what is committed; each makes one file per kind and day.
PUBLISH_INTERVAL = 60.0

# --- Politeness ------------------------------------------------------------------------------------

# An honest name. With CONTACT (an address or a page) it becomes "newscrawl/… (+contact)".
USER_AGENT = f"newscrawl/{__version__}"
CONTACT = ""
ROBOTSTXT_OBEY = True
# The product token that robots.txt groups are matched with.
ROBOTSTXT_USER_AGENT = "newscrawl"
# One at a time and a second apart: no rate limit is published, so the limit is ours.
CONCURRENT_REQUESTS = 1
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.0
# Scrapy's jitter of half the delay goes below it, too.
DOWNLOAD_DELAY_JITTER = 0.0
# A stop waits for what is in flight: three minutes, the default, are too long for a page of 10 kB.
DOWNLOAD_TIMEOUT = 30.0
# One answer and four repeats, 1, 2, 4 and 8 seconds apart (RETRY_BACKOFF, doubled each time).
RETRY_TIMES = 4
RETRY_BACKOFF = 1.0
# Seconds. A site that asks for a longer wait than this ends the run.
RETRY_AFTER_MAX = 900.0
# A chain of redirects longer than this leads nowhere.
REDIRECT_MAX_TIMES = 5
# Accept is set by the site (newscrawl/sites). gzip is the one encoding whose end can be told, so that a cut
# body is not taken for a whole one.
DEFAULT_REQUEST_HEADERS = {"Accept-Encoding": "gzip"}

# --- Safety -------------------------------------------------------------------------------------

DOWNLOAD_VERIFY_CERTIFICATES = True
# Pages have about 10 kB; what is larger than this is no page.
DOWNLOAD_MAXSIZE = 4 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
# Nothing but http and https, so that no link can read this machine or a cloud's storage.
DOWNLOAD_HANDLERS = {"data": None, "file": None, "ftp": None, "s3": None}
# No port is opened, no other process may steer the crawl.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
COOKIES_ENABLED = False
METAREFRESH_ENABLED = False
REFERER_ENABLED = False

DOWNLOADER_MIDDLEWARES = {
    # The queue asks for one site only and redirects are checked below.
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    # Theirs parses any answer's body and allows everything when the file cannot be fetched.
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "newscrawl.middlewares.robots.RobotsMiddleware": 100,
    # Theirs retries at once and does not know Retry-After.
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "newscrawl.middlewares.retry.BackoffRetryMiddleware": 550,
    # Sees the body before Scrapy decompresses it.
    "newscrawl.middlewares.whole_body.WholeBodyMiddleware": 595,
    # Theirs follows a redirect to any host.
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "newscrawl.middlewares.redirects.SameSiteRedirectMiddleware": 600,
}

# --- From answer to line ---------------------------------------------------------------------------

SPIDER_MIDDLEWARES = {
    # Nobody asks which requests are start requests; the spider names every status itself; the queue
    # keeps depth and duplicates; addresses are built here and short. What is left out is left out of
    # every page's path.
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": None,
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
    "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
}

# The steps of newscrawl/refine in their order, the hash over what will be written, then the commit.
ITEM_PIPELINES = {
    "newscrawl.pipelines.steps.DatesPipeline": 100,
    "newscrawl.pipelines.steps.InstrumentsPipeline": 200,
    "newscrawl.pipelines.steps.MentionsPipeline": 250,
    "newscrawl.pipelines.steps.ChecksPipeline": 260,
    "newscrawl.pipelines.steps.LanguagePipeline": 270,
    "newscrawl.pipelines.steps.HashPipeline": 300,
    # It loads the trading calendars ahead of the commit, which fills the sessions.
    "newscrawl.pipelines.steps.SessionsPipeline": 400,
    "newscrawl.pipelines.commit.CommitPipeline": 900,
}
# A page yields one item; the default makes a hundred tasks for each page, which halves the speed.
CONCURRENT_ITEMS = 1

EXTENSIONS = {
    "newscrawl.extensions.run_report.RunReport": 100,
    "newscrawl.extensions.progress.Progress": 200,
    # Progress logs the same line with pages, stories and queue in it.
    "scrapy.extensions.logstats.LogStats": None,
}

# --- Logs and feeds --------------------------------------------------------------------------------------

LOG_LEVEL = "INFO"
# One line for a dropped page instead of a dump of the item.
LOG_FORMATTER = "newscrawl.logformatter.OneLineFormatter"
FEED_EXPORT_ENCODING = "utf-8"

# The values of this file, before those of the environment: they tell the type of each setting.
declared = {name: value for name, value in globals().items() if name.isupper()}
_PREFIX = "NEWSCRAWL_"
globals().update(
    {name.removeprefix(_PREFIX): value for name, value in os.environ.items() if name.startswith(_PREFIX)}
)
