"""One log line a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.logformatter import LogFormatter, LogFormatterResult

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.http import Response
    from twisted.python.failure import Failure


class OneLineFormatter(LogFormatter):
    """Scrapy's own dumps the whole item for every dropped one, and at DEBUG for every page."""

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
