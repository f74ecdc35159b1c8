"""A crawler for the news pages of longbridge.com that writes JSON Lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

__version__ = "0.1.0"


def exit_status(crawler: Crawler) -> int:
    """Return the exit status of a crawl that a script ran: the one that ``scrapy crawl`` would have had.

    To be called when the crawl has ended (``CrawlerProcess.start()`` has returned). Raises ValueError while
    it is running, and for a spider that is no ``newscrawl.spiders.news.NewsSpider``. The values are listed in
    docs/operations.md.
    """
    # Not at the top: `newscrawl.symbols` and others can be used where Scrapy is not installed.
    from newscrawl.lifecycle.run import lifecycle_of  # noqa: PLC0415

    lifecycle = lifecycle_of(crawler)
    if crawler.crawling or (lifecycle is not None and lifecycle.is_running):
        raise ValueError("expected a crawl that has ended, found one that is running")
    if lifecycle is not None:
        return lifecycle.finish().status
    if crawler.spider is not None:
        raise ValueError(f"expected the crawl of a NewsSpider, found {type(crawler.spider).__name__}")
    # The spider itself could not be made.
    return 1
