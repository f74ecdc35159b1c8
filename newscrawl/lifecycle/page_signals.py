"""What Scrapy's signals tell of a page: an exception in a callback or pipeline, or a dropped article."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.exceptions import DropItem
from scrapy.http import Response

from newscrawl.items import Article
from newscrawl.results import Dropped

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.python.failure import Failure

    from newscrawl.queue.crawl_queue import CrawlQueue
    from newscrawl.queue.leases import Lease


class NotCommitted(DropItem):
    """An article that is not that of a page handed out now. Raised by ``pipelines.commit``."""


class PageSignals:
    """Tells the queue what became of pages whose article did not reach the commit.

    The page is found by the lease of the request. A page that is committed already stays as it is.
    """

    def __init__(self, crawler: Crawler, queue: CrawlQueue) -> None:
        self.queue = queue
        crawler.signals.connect(self._spider_error, signals.spider_error)
        crawler.signals.connect(self._item_error, signals.item_error)
        crawler.signals.connect(self._item_dropped, signals.item_dropped)

    def _spider_error(self, failure: Failure, response: Response | Failure | None) -> None:
        self._fail(failure, _lease_of(response))

    def _item_error(self, item: object, failure: Failure, response: Response | Failure | None) -> None:
        # An item of the user's own says nothing of the page that it came from.
        self._fail(failure, self._lease_of_item(item, response))

    def _fail(self, failure: Failure, lease: Lease | None) -> None:
        if lease is None or not self.queue.holds(lease):
            # The page stays as it is; the exception counts.
            self.queue.exceptions += 1
        else:
            self.queue.fail_page(lease, f"{type(failure.value).__name__} in a callback or pipeline")

    async def _item_dropped(
        self, item: object, response: Response | Failure | None, exception: BaseException
    ) -> None:
        if not isinstance(item, Article):
            return
        lease = self._lease_of_item(item, response)
        is_held = lease is not None and self.queue.holds(lease)
        if isinstance(exception, NotCommitted):
            if lease is not None and is_held:
                self.queue.fail_page(lease, "its article has the uid or url of another page")
            elif lease is None or lease.page.uid != item.uid:
                self.queue.exceptions += 1
        elif lease is not None and is_held:
            # What a person reads in one line.
            reason = next((line for line in str(exception).splitlines() if line.strip()), "")
            await self.queue.commit(lease.page.uid, Dropped(item, reason or type(exception).__name__))

    def _lease_of_item(self, item: object, response: Response | Failure | None) -> Lease | None:
        if not isinstance(item, Article):
            return None
        # An article may be yielded from another request's callback.
        return _lease_of(response) or self.queue.lease_of(item)


def _lease_of(response: Response | Failure | None) -> Lease | None:
    request = getattr(response, "request", None)
    return None if request is None else request.meta.get("lease")
