"""One log line a page."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Self

from scrapy.logformatter import LogFormatter, LogFormatterResult

from newscrawl.checked_settings import log_level

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure


class OneLineFormatter(LogFormatter):
    """Scrapy's own dumps the whole item for every dropped one, and at DEBUG for every page."""

    def __init__(self, crawler: Crawler | None = None) -> None:
        self._logs_pages = crawler is None or log_level(crawler.settings) <= logging.DEBUG

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def crawled(self, request: Request, response: Response, spider: Spider) -> LogFormatterResult:
        # Scrapy would make a record for each page and throw it away for its level.
        if not self._logs_pages:
            return None  # type: ignore[return-value]
        return super().crawled(request, response, spider)

    def dropped(
        self,
        item: Any,
        exception: BaseException,
        response: Response | Failure | None,
        spider: Spider,
    ) -> LogFormatterResult:
        result = super().dropped(item, exception, response, spider)
        result["msg"] = "%(exception)s"
        result["args"] = {"exception": exception}
        return result

    def scraped(self, item: Any, response: Response | Failure | None, spider: Spider) -> LogFormatterResult:
        # None means no line (Scrapy documents it); its annotation does not say so.
        return None  # type: ignore[return-value]
