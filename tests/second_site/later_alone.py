"""The second site with the better reader, but without the one that wrote the lines before."""

from __future__ import annotations

from newscrawl.spiders.news import NewsSpider
from tests.second_site.harbour import Harbour
from tests.second_site.later import BETTER, read_better


class LaterHarbourAlone(Harbour):
    """Only today's reader."""

    readers = {BETTER: read_better}  # noqa: RUF012  # a ClassVar by Site's annotation


class LaterAloneSpider(NewsSpider):
    """``scrapy crawl harbour``, later."""

    name = "harbour"
    site = LaterHarbourAlone()
