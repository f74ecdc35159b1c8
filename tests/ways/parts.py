"""Parts that users add to a crawl: pipelines, middlewares, extensions, a scheduler."""

from __future__ import annotations

import logging
import re
from dataclasses import asdict
from pathlib import Path
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from newscrawl.items import Article
from newscrawl.middlewares.robots import RobotsMiddleware
from newscrawl.pipelines.commit import CommitPipeline
from newscrawl.pipelines.steps import HashPipeline
from newscrawl.queue.scheduler import QueueScheduler


class OwnCommit(CommitPipeline):
    """Stands in for the project's own, as the next ones do."""


class OwnHash(HashPipeline):
    pass


class OwnRobots(RobotsMiddleware):
    pass


class OwnScheduler(QueueScheduler):
    pass


class NoScheduler:
    """Not one that knows the queue."""


class BrokenWhenMade:
    def __init__(self) -> None:
        raise OSError("no such index")


class BrokenWhenOpened:
    def open_spider(self) -> None:
        raise OSError("no such index")

    def process_item(self, item: object) -> object:
        return item


class Reports:
    """An extension as users write it for their monitoring: a Prometheus textfile, and errors elsewhere."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.folder = Path(crawler.settings["REPORTS"])
        crawler.signals.connect(self._closed, signals.spider_closed)
        logging.getLogger().addHandler(_Errors(self.folder / "errors.txt"))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def _closed(self) -> None:
        numbers = {
            name.replace("/", "_"): value
            for name, value in self.crawler.stats.get_stats().items()
            if isinstance(value, int | float)
        }
        text = "".join(f"{name} {value}\n" for name, value in sorted(numbers.items()))
        (self.folder / "newscrawl.prom").write_text(text, encoding="utf-8")


class _Errors(logging.Handler):
    """What Sentry's handler does: it takes errors and sends them away."""

    def __init__(self, path: Path) -> None:
        super().__init__(logging.ERROR)
        self.path = path

    def emit(self, record: logging.LogRecord) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"{record.name}: {record.getMessage()}\n")


class Drops:
    """Drops the articles whose uid the setting DROP matches; for a place before the commit or after it."""

    def __init__(self, pattern: str) -> None:
        self.pattern = re.compile(pattern)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.settings["DROP"])

    def process_item(self, item: object) -> object:
        if isinstance(item, Article) and self.pattern.search(item.uid):
            raise DropItem(f"not wanted: {self.pattern.pattern}")
        return item


class Adds:
    """Adds to ``extra`` of English articles."""

    value: object = {"tags": ["a", {"b": 1.5, "c": None}], "更多": True}
    uid = ":en"

    def process_item(self, item: object) -> object:
        if isinstance(item, Article) and item.uid.endswith(self.uid):
            item.extra["added"] = self.value
        return item


class AddsWhatJsonDoesNotKnow(Adds):
    value: object = {"a", "set"}
    uid = ":289868449:en"


class AddsWhatIsNoText(Adds):
    # Half a character: JSON takes it, UTF-8 does not.
    value: object = "\ud800"
    uid = ":289868449:en"


class AddsNoNumber(Adds):
    value: object = float("nan")
    uid = ":289868449:en"


class Replaces:
    """Gives on a dict in place of one article."""

    def process_item(self, item: object) -> object:
        return asdict(item) if isinstance(item, Article) and item.uid.endswith(":289868449:en") else item
