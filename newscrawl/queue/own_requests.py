"""Requests that a spider yields itself, beside the pages that the queue hands out."""

from __future__ import annotations

import heapq
import logging
from itertools import count
from typing import TYPE_CHECKING

from scrapy import Request, Spider

from newscrawl.codes import Via
from newscrawl.plan import Found
from newscrawl.queue.leases import Lease
from newscrawl.sites.base import Origin

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from newscrawl.queue.crawl_queue import CrawlQueue

logger = logging.getLogger(__name__)


class OwnRequests:
    """Takes what a subclass yields: with ``parse`` as its callback an article, else any address.

    An article of the crawl's site becomes a page of the queue, like a start. Other requests are fetched with
    their own callback, those with the highest priority first, each address once unless ``dont_filter``. They
    are in memory only: a process that is killed has lost them, and the page that led to them is not read
    again.
    """

    def __init__(self, crawler: Crawler, spider: Spider) -> None:
        self.crawler = crawler
        self.spider = spider
        self._waiting: list[tuple[int, int, Request]] = []
        self._numbers = count()
        self._seen: set[bytes] = set()
        self._is_told = False

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def includes(self, request: Request, queue: CrawlQueue) -> bool:
        """Tell whether a spider made a request itself; the others are retries and redirects of a page's.

        One that was made with the ``meta`` of a page's response is a spider's own, too: that page is read.
        """
        lease: Lease | None = request.meta.get("lease")
        return lease is None or not queue.holds(lease) or queue.in_progress.includes(lease.page.uid)

    def add(self, request: Request, queue: CrawlQueue) -> bool:
        """Take a request; False where it was taken before, or cannot be."""
        request.meta.pop("lease", None)
        if request.callback is None or request.callback == self.spider.parse:
            return self._add_page(request, queue)
        if not request.dont_filter:
            fingerprint = self.crawler.request_fingerprinter.fingerprint(request)
            if fingerprint in self._seen:
                return False
            self._seen.add(fingerprint)
        if not self._is_told:
            self._is_told = True
            logger.warning(
                "%s yields requests of its own, such as %s: they are fetched, but lost when it is killed",
                type(self.spider).__name__,
                request.url,
            )
        heapq.heappush(self._waiting, (-request.priority, next(self._numbers), request))
        return True

    def next(self) -> Request | None:
        """Return the request whose turn it is; None where none waits."""
        return heapq.heappop(self._waiting)[2] if self._waiting else None

    def _add_page(self, request: Request, queue: CrawlQueue) -> bool:
        origin: Origin = queue.run.plan.origin
        page = origin.page(request.url)
        if page is None:
            logger.error(
                "not fetched: %s: expected an article of %s, or a callback other than parse",
                request.url,
                origin.root,
            )
            queue.exceptions += 1
            return False
        queue.add([Found(page, 0, Via.SEED, None)])
        return True
