"""Scrapy's way to change settings with a spider in view (ADDONS)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy.settings import BaseSettings

from newscrawl.components import add_contact, install, set_scheduler, uninstall
from newscrawl.exceptions import ArgumentError
from newscrawl.lifecycle.run import lifecycle_of
from newscrawl.secret_settings import conceal
from newscrawl.spiders.news import NewsSpider

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class Addon:
    """Gives this project's spiders what a crawl needs, and other spiders of the project stock Scrapy.

    Politeness and safety (``settings.py``) hold for both. Our spiders bring it with them, so that it is there
    where ADDONS was replaced.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def update_settings(self, settings: BaseSettings) -> None:
        """Change the settings of one crawl, before any component is made from them."""
        if not issubclass(self.crawler.spidercls, NewsSpider):
            uninstall(settings)
        else:
            try:
                install(settings)
            except ArgumentError as error:
                lifecycle = lifecycle_of(self.crawler)
                if lifecycle is None:
                    raise
                lifecycle.refuse(str(error))
                set_scheduler(settings)
        add_contact(settings)
        conceal(settings)
