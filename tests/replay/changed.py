"""A reader that finds other values on some pages: ``-s SPIDER_MODULES=tests.replay.changed``."""

from __future__ import annotations

from newscrawl.exceptions import PageError
from newscrawl.items import Article
from newscrawl.sites.base import Source
from newscrawl.sites.longbridge import LONGBRIDGE, Longbridge
from newscrawl.spiders.news import NewsSpider

LATER = "2026-11-26T00:00:00.000Z"


def read(source: Source) -> Article:
    """English pages have another date, those in Chinese characters of Hong Kong cannot be read, and pages
    that begin with ``mend me`` can."""
    if source.page.locale == "zh-HK":
        raise PageError("no_front_matter", "found a reader that was changed")
    content = source.content.removeprefix(b"mend me\n")
    article = LONGBRIDGE.readers[LONGBRIDGE.reader](source._replace(content=content))
    if source.page.locale == "en":
        article.published_raw = LATER
    return article


class Site(Longbridge):
    readers = {LONGBRIDGE.reader: read}  # noqa: RUF012


class Spider(NewsSpider):
    name = "longbridge"
    site = Site()
