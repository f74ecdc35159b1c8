"""Last step: the article is committed to the queue, which acknowledges its page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from scrapy.exceptions import DropItem

from newscrawl.archive.records import stamp
from newscrawl.checked_settings import backfill_lag
from newscrawl.codes import Outcome
from newscrawl.items import Article
from newscrawl.lifecycle.page_signals import NotCommitted
from newscrawl.lifecycle.run import lifecycle_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class CommitPipeline:
    """Commits articles; only new versions go on to feeds.

    Without the queue (``scrapy parse``) it only stamps them.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_item(self, item: object) -> object:
        if not isinstance(item, Article):
            return item
        lifecycle = lifecycle_of(self.crawler)
        if lifecycle is None or lifecycle.queue is None:
            lag = backfill_lag(self.crawler.settings)
            stamp(item, now=datetime.now(UTC), version=1, lag=lag)
            return item
        queue = lifecycle.queue
        if queue.lease_of(item) is None:
            raise NotCommitted(
                f"not committed: {item.uid}: expected the article of a page that was asked for, "
                "with the page's uid and url, for the first time",
                log_level="ERROR",
            )
        outcome = await queue.commit(item.uid, item)
        if outcome is None:
            text = f"not committed: {item.url}: another worker has the page, or see above"
            raise DropItem(text, log_level="WARNING")
        if outcome == Outcome.UNCHANGED:
            raise DropItem(f"unchanged: {item.url}", log_level="DEBUG")
        lifecycle.note_written(item)
        return item
