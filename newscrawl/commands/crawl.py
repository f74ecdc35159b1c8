"""``scrapy crawl``: Scrapy's own, with checked arguments and an exit status that tells the truth."""

from __future__ import annotations

import argparse
import sys
from typing import Any, ClassVar, NoReturn

from scrapy import Spider
from scrapy.commands import crawl
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError
from scrapy.spiderloader import get_spider_loader

from newscrawl.checked_settings import check_settings
from newscrawl.exceptions import ArgumentError
from newscrawl.extensions.run_report import RunReport
from newscrawl.plan import Plan
from newscrawl.spiders.news import NewsSpider


class Command(crawl.Command):
    """Replaces Scrapy's command of the same name in this project."""

    # Here and not in settings.py: only a crawl opens the state.
    default_settings: ClassVar[dict[str, Any]] = {"SCHEDULER": "newscrawl.queue.scheduler.QueueScheduler"}

    _created: Crawler | None = None

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            super().process_options(args, opts)
            assert self.settings is not None
            check_settings(self.settings)
            self._check_spider(args)
            spider = get_spider_loader(self.settings).load(args[0])
            if issubclass(spider, NewsSpider):
                Plan.from_arguments(spider.site, opts.spargs)
        except ArgumentError as error:
            _refuse(str(error))
        except UsageError as error:
            if not str(error):
                raise
            _refuse(str(error))
        settings = self.settings
        assert settings is not None
        if sys.stderr.isatty() and not settings["LOG_FILE"] and settings.getpriority("LOG_LEVEL") == 20:
            # On a terminal there is the progress line; the log adds warnings and errors.
            settings.set("LOG_LEVEL", "WARNING", priority="project")

    def _create_crawler(self, spidercls: type[Spider] | str) -> Crawler:
        self._created = super()._create_crawler(spidercls)
        return self._created

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        super().run(args, opts)
        report = self._created.get_extension(RunReport) if self._created is not None else None
        if report is not None:
            # A second signal ends the reactor before the spider is closed.
            self.exitcode = report.finish("killed").status
            print(report.box(), file=sys.stderr)

    def _check_spider(self, args: list[str]) -> None:
        assert self.settings is not None
        known = get_spider_loader(self.settings).list()
        if len(args) != 1 or args[0] not in known:
            found = " ".join(args) or "none"
            raise ArgumentError(f"expected one spider of {', '.join(known)}, found {found}")


def _refuse(text: str) -> NoReturn:
    print(f"scrapy crawl: {text}", file=sys.stderr)
    sys.exit(2)
