"""News of longbridge.com."""

from __future__ import annotations

from newscrawl.sites.longbridge import LONGBRIDGE
from newscrawl.spiders.news import NewsSpider


class LongbridgeSpider(NewsSpider):
    """``scrapy crawl longbridge -a url=…``."""

    name = "longbridge"
    site = LONGBRIDGE
