"""News of harbour.example."""

from __future__ import annotations

from newscrawl.spiders.news import NewsSpider
from tests.second_site.harbour import HARBOUR


class HarbourSpider(NewsSpider):
    """``scrapy crawl harbour -a url=…``."""

    name = "harbour"
    site = HARBOUR
