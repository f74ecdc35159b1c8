"""Last step: the page's outcome is committed to the frontier, which acknowledges it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from scrapy.exceptions import DropItem

from newscrawl.archive.records import stamp
from newscrawl.items import Article, Miss, Rejection, Unmodified
from newscrawl.sites.longbridge.address import Address

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class PageRejected(DropItem):
    """The page was written to rejected/ and is no article."""


class PageMissing(DropItem):
    """The page answered 404 or 410."""


class PageForbidden(DropItem):
    """robots.txt does not allow the page."""


class PageFailed(DropItem):
    """The page did not come, after all retries."""


class PageUnchanged(DropItem):
    """The text is as it was when last seen: there is no new line."""


class NotCommitted(DropItem):
    """The outcome was not written: the lease was lost, or the store failed."""


_NOT_COMMITTED = {
    "stale": "the lease was lost, another worker has the page",
    "lost": "it could not be committed, see above",
}
_DROPS = {"missing": PageMissing, "forbidden": PageForbidden, "failed": PageFailed}


class CommitPipeline:
    """Hands every outcome to the frontier; only new lines go on to feeds.

    Without a frontier (``scrapy parse``, another scheduler) it only stamps.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_item(self, item: Article | Rejection | Miss | Unmodified) -> Article:
        frontier = getattr(self.crawler.spider, "frontier", None)
        word = "read"
        if frontier is not None:
            _, id_, locale = item.uid.split(":")
            word = await frontier.commit(Address(id_, locale), item)
        elif isinstance(item, Article):
            stamp(item, now=datetime.now(UTC), version=1)
        if word in ("stale", "lost"):
            raise NotCommitted(f"{item.url}: {_NOT_COMMITTED[word]}", log_level="WARNING")
        if word == "unchanged" or isinstance(item, Unmodified):
            raise PageUnchanged(item.url, log_level="DEBUG")
        if isinstance(item, Article):
            return item
        if isinstance(item, Rejection):
            raise PageRejected(f"{item.url}: {item.reason}: {item.detail}", log_level="WARNING")
        level = "INFO" if item.kind == "missing" else "WARNING"
        raise _DROPS[item.kind](f"{item.url}: {item.reason}", log_level=level)
