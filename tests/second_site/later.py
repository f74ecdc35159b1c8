"""The second site some months later: a better reader, beside the one that wrote the lines before."""

from __future__ import annotations

from parsel import Selector

from newscrawl.items import Article
from newscrawl.sites.base import Source
from newscrawl.spiders.news import NewsSpider
from tests.second_site.harbour import Harbour
from tests.second_site.harbour.reader import READER, read_article

BETTER = "harbour-html/2"


def read_better(source: Source) -> Article:
    """Read the captions of pictures, too."""
    article = read_article(source)
    html = Selector(source.content.decode(), type="html")
    article.body = "\n\n".join([article.body, *html.css("article figcaption::text").getall()])
    return article


class LaterHarbour(Harbour):
    """Today's reader first, then the older one."""

    readers = {BETTER: read_better, READER: read_article}  # noqa: RUF012  # a ClassVar by Site's annotation


class LaterSpider(NewsSpider):
    """``scrapy crawl harbour``, later."""

    name = "harbour"
    site = LaterHarbour()
