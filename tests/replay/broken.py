"""Readers that are broken on purpose, as spiders of the same site: ``-s SPIDER_MODULES=tests.replay.…``."""

from __future__ import annotations

from collections.abc import Callable

from newscrawl.items import Article
from newscrawl.sites.base import Reader, Source
from newscrawl.sites.longbridge import LONGBRIDGE, Longbridge
from newscrawl.spiders.news import NewsSpider


def readers(change: Callable[[Article], None]) -> dict[str, Reader]:
    """Today's reader, with what it has read changed."""

    def read(source: Source) -> Article:
        article = LONGBRIDGE.readers[LONGBRIDGE.reader](source)
        change(article)
        return article

    return {LONGBRIDGE.reader: read}


def without_date(article: Article) -> None:
    article.published_raw = None


class Site(Longbridge):
    readers = readers(without_date)


class Spider(NewsSpider):
    name = "longbridge"
    site = Site()
