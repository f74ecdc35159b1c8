"""``scrapy crawl``: Scrapy's own, with checked arguments and an exit status that tells the truth."""

from __future__ import annotations

import argparse

from scrapy.commands import crawl
from scrapy.spiderloader import get_spider_loader

from newscrawl.checked_settings import check_settings
from newscrawl.command_line import RunsCrawl
from newscrawl.components import install
from newscrawl.exceptions import ArgumentError
from newscrawl.plan import Plan
from newscrawl.shown import shorten
from newscrawl.spiders.news import NewsSpider


class Command(RunsCrawl, crawl.Command):
    """Replaces Scrapy's command of the same name in this project."""

    name = "crawl"

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        loader = get_spider_loader(self.settings)
        known = loader.list()
        if len(args) != 1 or args[0] not in known:
            found = shorten(" ".join(args)) if args else "none"
            raise ArgumentError(f"expected one spider of {', '.join(known)}, found {found}")
        spider = loader.load(args[0])
        if issubclass(spider, NewsSpider):
            if not self.settings.getbool("QUEUE_ENABLED"):
                raise ArgumentError("QUEUE_ENABLED: expected true, found false, which is for parse and shell")
            Plan.from_arguments(spider.site, opts.spargs)
            settings = self.settings.copy()
            spider.update_settings(settings)
            check_settings(settings)
            install(settings)
