"""A reader that was mended on purpose: ``-s SPIDER_MODULES=tests.replay.adopted``.

English pages have their date (the one that ``broken`` loses), those in Simplified Chinese another text, and
pages that begin with ``mend me`` can be read.
"""

from __future__ import annotations

from newscrawl.items import Article
from newscrawl.sites.base import Source
from newscrawl.sites.longbridge import LONGBRIDGE, Longbridge
from newscrawl.spiders.news import NewsSpider

MORE = "\n\nA paragraph that was left out before."


def read(source: Source) -> Article:
    content = source.content.removeprefix(b"mend me\n")
    article = LONGBRIDGE.readers[LONGBRIDGE.reader](source._replace(content=content))
    if source.page.locale == "zh-CN":
        article.body += MORE
    return article


class Site(Longbridge):
    readers = {LONGBRIDGE.reader: read}  # noqa: RUF012


class Spider(NewsSpider):
    name = "longbridge"
    site = Site()
