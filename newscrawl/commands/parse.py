"""``scrapy parse``: Scrapy's own, without the queue."""

from __future__ import annotations

import argparse

from scrapy import Request, Spider
from scrapy.commands import parse
from scrapy.spiderloader import get_spider_loader
from scrapy.utils.spider import spidercls_for_request

from newscrawl.command_line import LooksAtPages
from newscrawl.plan import Plan
from newscrawl.spiders.news import NewsSpider


class Command(LooksAtPages, parse.Command):
    """Replaces Scrapy's command of the same name in this project."""

    name = "parse"

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        loader = get_spider_loader(self.settings)
        spider: type[Spider] | None = None
        if opts.spider in loader.list():
            spider = loader.load(opts.spider)
        elif args:
            spider = spidercls_for_request(loader, Request(args[0]))
        if opts.spargs and args and spider is not None and issubclass(spider, NewsSpider):
            # The page that is looked at is where the crawl of the other arguments begins.
            opts.spargs.setdefault("url", args[0])
            Plan.from_arguments(spider.site, opts.spargs)
