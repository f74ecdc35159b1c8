"""Scrapy's settings and this project's own. Each departure from a default says why.

Every setting NAME is, in this order: ``-s NAME=…``, the environment's ``NEWSCRAWL_NAME``, this file.
"""

from __future__ import annotations

import os
from typing import Any

from newscrawl import __version__

BOT_NAME = "newscrawl"
SPIDER_MODULES = ["newscrawl.spiders"]
NEWSPIDER_MODULE = "newscrawl.spiders"
# Our own `crawl` (exit status, checked arguments) takes the place of Scrapy's.
COMMANDS_MODULE = "newscrawl.commands"

# --- How a crawl is made -------------------------------------------------------------------------

# The durable queue decides what is asked next. The add-on gives other spiders Scrapy's own scheduler.
SCHEDULER = "newscrawl.queue.scheduler.QueueScheduler"
# It adds what a crawl of our spiders needs (components.py), also where a setting replaced it.
ADDONS = {"newscrawl.addon.Addon": 1000}
# False is for `scrapy parse`, `shell` and `fetch`, which set it: they look at pages and save nothing.
QUEUE_ENABLED = True

# --- Where the lines go -------------------------------------------------------------------------

# Relative to the folder of scrapy.cfg.
DATA_DIR = "data"
# The state of the crawl: a file, or postgresql://USER@HOST/NAME for many workers on one run.
STATE_URL = "sqlite:///{DATA_DIR}/state/newscrawl.db"
# Seconds for which a PostgreSQL server that cannot be reached (it is restarted, or has no connection free) is
# tried again before the run ends; 0 ends it at once. Its restarts take less.
STATE_TIMEOUT = 120.0
# Seconds for which a page is leased to a worker, which renews the lease while it runs. After that others may
# take the page.
LEASE_SECONDS = 120.0
# The name of the disk that this process publishes to; empty for one that is stored in the data folder.
WORKER = ""
# Seconds between publications of what is committed; each makes one file per kind and day.
PUBLISH_INTERVAL = 60.0
# Keep each final answer in the archive (WARC), so that pages can be read again with a better reader.
ARCHIVE = True

# Hours after its publication in which news that was seen later is assumed to have been known (available_at).
# A day, because a printed date may be that of another agency's wire; 1 for whoever trusts the date.
BACKFILL_LAG = 24.0

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
# After so many refusals in a row, of three pages or more (HTTP 401, 403, 408, 429, 5xx and the like, no
# connection, HTML in place of an article) the host is asked by one request at a time, after pauses that
# double, for RETRY_AFTER_MAX seconds. 0 for never.
REFUSALS_MAX = 10
# A chain of redirects longer than this leads nowhere.
REDIRECT_MAX_TIMES = 5
# --- Safety -------------------------------------------------------------------------------------

DOWNLOAD_VERIFY_CERTIFICATES = True
# Connections to addresses that are not public (this machine, private networks, link-local and the like) are
# refused, unless the start of the crawl names the address itself, or localhost. True allows them all: for a
# mirror that is known by a name inside of a network.
ALLOW_PRIVATE = False
# Pages have about 10 kB. A larger answer is rejected as too_large. The slowest page of this size that is
# known takes half a second to read and refine; nothing else is done meanwhile. The time grows with the size.
DOWNLOAD_MAXSIZE = 1024 * 1024
DOWNLOAD_WARNSIZE = 0
# Nothing but http and https, so that no link can read this machine or a cloud's storage.
DOWNLOAD_HANDLERS = {"data": None, "file": None, "ftp": None, "s3": None}
# No port is opened, no other process may steer the crawl.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False

# --- Promises about the data ---------------------------------------------------------------------

# What a run must show to be healthy; one that does not is degraded, exit status 4. Each is the largest share
# of pages, unless something else is said; None turns a promise off. Others are put over these:
# -s 'PROMISES={"without_instruments": null}'. docs/operations.md explains them.
PROMISES = {
    # At least so many pages that answered.
    "pages": 1,
    # A page now and then is odd; a tenth of them are a changed site.
    "rejected": 0.1,
    # Related links may lead to deleted stories.
    "missing": 0.3,
    "failed": 0.1,
    # Publishers withdraw single stories.
    "withdrawn": 0.2,
    "without_title": 0.2,
    "without_description": 0.5,
    # Posts have their text in the description.
    "without_body": 0.5,
    # Without it a line has no time of publication.
    "without_published_at": 0.1,
    # Many stories are about no instrument.
    "without_instruments": 0.8,
    "without_related": 0.7,
    # The older form of pages names no other locales.
    "without_alternates": 0.7,
    # A page may hold little but tables; question marks in the place of all characters are another thing.
    "without_letters": 0.3,
    # Each locale that is asked for has at least this share of the pages of the one with the most.
    "locale": 0.2,
    # News of a busy hour is spread over it. Pages that are dated when they are rendered are all of the
    # minutes of the fetch, or of one moment of the hour before.
    "dated_now": 0.8,
    # Series of stories share titles.
    "equal_title": 0.2,
    "equal_body": 0.2,
    # A banner stands in front of every body.
    "equal_head": 0.5,
    # A share of 1 is never exceeded: these may be the site's own way, so only earlier runs tell of a change.
    # A fixed text before every title, or the site's name behind it; a publisher's notice behind every body;
    # one date for all; the same list on each page.
    "equal_title_head": 1.0,
    "equal_title_tail": 1.0,
    "equal_tail": 1.0,
    "equal_date": 1.0,
    "equal_instruments": 1.0,
    "equal_related": 1.0,
    # Some English pages carry Chinese texts.
    "locale_mismatch": 0.3,
    # Of dates whose ids tell when they were given out, and only where such ids are of eight hours and more.
    "id_date_differs": 0.2,
    # All clocks differ a little; a tenth of dates in the future are dates in another zone.
    "date_in_future": 0.1,
    # Single pages carry odd bytes. Texts that were encoded twice are full of them.
    "encoding_replaced": 0.3,
    "control_characters": 0.3,
    # New markets come one at a time.
    "unknown_market": 0.5,
    "unknown_key": 0.5,
    "unreadable_header_line": 0.5,
    "no_sections": 0.5,
    "unreadable_item": 0.5,
    "parts_missing": 0.5,
    # Lists are recognised by their links under any heading, so this is no fault; a bound makes it one.
    "unknown_heading": None,
    # Of pages that were read before by the same reader. A publication date does not change.
    "changed_date": 0.3,
    "changed_text": 0.7,
    "changed_instruments": 0.7,
    "changed_alternates": 0.7,
    # It is computed at each fetch.
    "changed_related": 1.0,
    # Above the median of the last five healthy runs, and of the first three: how much a share may grow.
    "rise": 0.25,
    "rise_since_first": 0.4,
    # How many times more or less a median length or a mean number may be than in those runs.
    "ratio": 2.5,
    "ratio_since_first": 4.0,
    # How many times older the median page may be when it is first read. Links may lead to old stories.
    "lag": 100.0,
    # How many times fewer pages may be met than by the median of the last healthy runs.
    "fewer_pages": 5.0,
    # How much better the hours of the dates fit those of earlier runs when they are all shifted (natural
    # logarithm of the likelihood, a page).
    "hours": 0.3,
}
# Runs before this day, or this run id, are no history. To be set when a change of the site was found right.
PROMISES_SINCE = ""

# --- The reference of listings -------------------------------------------------------------------------

# What `scrapy reference update` asks, once each; an empty address leaves a list out. All are the publishers'
# own.
REFERENCE_NASDAQ_URL = "https://www.nasdaqtrader.com/dynamic/SymDir/nasdaqlisted.txt"
# What is listed on the New York Stock Exchange and on the other exchanges of the United States.
REFERENCE_OTHERS_URL = "https://www.nasdaqtrader.com/dynamic/SymDir/otherlisted.txt"
# The US regulator's list of tickers, issuers and exchanges. It refuses agents that do not say who they are:
# set CONTACT.
REFERENCE_SEC_URL = "https://www.sec.gov/files/company_tickers_exchange.json"
# Hong Kong's list is a workbook; reading it needs the extra `reference`.
REFERENCE_HKEX_URL = (
    "https://www.hkex.com.hk/eng/services/trading/securities/securitieslists/ListOfSecurities.xlsx"
)
# What the pages of Singapore's exchange load, without the prices.
REFERENCE_SGX_URL = "https://api.sgx.com/securities/v1.1?excludetypes=bonds&params=nc,n,type"
# Seconds for each wait for an answer, and bytes of a list. The largest has 1.5 MB.
REFERENCE_TIMEOUT = 60.0
REFERENCE_MAXSIZE = 64 * 1024 * 1024

# --- From answer to line ---------------------------------------------------------------------------

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
# --- Logs and feeds --------------------------------------------------------------------------------------

LOG_LEVEL = "INFO"
FEED_EXPORT_ENCODING = "utf-8"

# The values of this file, before those of the environment: they tell the type of each setting.
declared = {name: value for name, value in globals().items() if name.isupper()}
_PREFIX = "NEWSCRAWL_"
globals().update(
    {name.removeprefix(_PREFIX): value for name, value in os.environ.items() if name.startswith(_PREFIX)}
)


def values() -> dict[str, Any]:
    """Return all settings of this file and of the environment, by name."""
    return {name: value for name, value in globals().items() if name.isupper() and not name.startswith("_")}
