"""Scrapy's scheduler over the durable queue: a page becomes a request only when its turn has come."""

from __future__ import annotations

import heapq
import logging
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING, Protocol, Self, cast

from pydispatch.dispatcher import getAllReceivers, liveReceivers
from scrapy import Request, Spider, signals
from scrapy.core.scheduler import BaseScheduler
from scrapy.exceptions import CloseSpider, IgnoreRequest
from scrapy.utils.asyncio import CallLaterResult, call_later
from scrapy.utils.defer import deferred_from_coro

from newscrawl.lifecycle.run import RunLifecycle, lifecycle_of
from newscrawl.queue.host_limiter import PROBE
from newscrawl.queue.leases import Lease
from newscrawl.queue.own_requests import OwnRequests

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.internet.defer import Deferred

    from newscrawl.queue.crawl_queue import CrawlQueue

logger = logging.getLogger(__name__)


class QueueSpider(Protocol):
    """What a spider must have to be crawled with this scheduler; ``spiders.news`` has it."""

    lifecycle: RunLifecycle

    def request(self, lease: Lease) -> Request:
        """Return the request for a page that was leased."""
        ...


class QueueScheduler(BaseScheduler):
    """Hands out the queue's pages at the site's pace and sees that each gets an outcome.

    A retry or a redirect of a page comes back here under the page's own lease: it is the same page.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._spider: QueueSpider
        self._lifecycle: RunLifecycle | None = None
        self._own_requests: OwnRequests
        self._delayed: list[tuple[float, int, Request]] = []
        self._set_aside: dict[str, Request] = {}
        self._probe: Request | None = None
        self._numbers = count()
        self._wake_up: CallLaterResult | None = None
        self._wake_at = 0.0
        self._is_heard = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def open(self, spider: Spider) -> Deferred[None] | None:
        """Begin or resume a run. What stands against it closes the spider before anything is fetched."""
        lifecycle = lifecycle_of(self.crawler)
        if lifecycle is None:
            self._refuse(spider)
            return None
        self._spider = cast("QueueSpider", spider)
        self._lifecycle = lifecycle
        self._own_requests = OwnRequests(self.crawler, spider)
        sender = self.crawler.signals.sender
        self._is_heard = any(True for _ in liveReceivers(getAllReceivers(sender, signals.request_scheduled)))
        # Scrapy has no public way to say that a waiting scheduler has a request again; without this one it
        # would ask every five seconds only.
        if not hasattr(getattr(self.crawler.engine, "_slot", None), "nextcall"):
            lifecycle.refuse("expected a Scrapy with ExecutionEngine._slot.nextcall, found another: use 2.19")
        opened: Deferred[None] = deferred_from_coro(self._begin(lifecycle))
        return opened

    async def _begin(self, lifecycle: RunLifecycle) -> None:
        await lifecycle.begin()
        if lifecycle.queue is not None:
            lifecycle.queue.calls.on_change = self._wake

    def _refuse(self, spider: Spider) -> None:
        logger.error(
            "SCHEDULER: expected a spider made by NewsSpider.from_crawler, found %s; "
            "newscrawl.addon.Addon in ADDONS gives other spiders Scrapy's own scheduler",
            type(spider).__name__,
        )

        def close() -> None:
            raise CloseSpider("wrong_scheduler")

        # Raised in open() it would leave the rest of Scrapy half open. Not held weakly: a local function.
        self.crawler.signals.connect(close, signals.spider_opened, weak=False)

    def close(self, reason: str) -> Deferred[None] | None:
        if self._wake_up is not None:
            self._wake_up.cancel()
            self._wake_up = None
        if self._lifecycle is None:
            return None
        closed: Deferred[None] = deferred_from_coro(self._lifecycle.close(reason))
        return closed

    def has_pending_requests(self) -> bool:
        # Scrapy asks when nothing is in flight.
        queue = self._lifecycle.queue if self._lifecycle is not None else None
        if queue is None:
            return False
        if self._delayed or self._own_requests or self._set_aside or self._probe is not None:
            return True
        # Where the last pages lead is known when they are committed.
        queue.flush()
        if queue.failure is not None:
            return False
        if queue.calls.is_busy:
            return True
        for lease in queue.outstanding():
            # Whatever happens to a request ends in a callback, an errback or a signal that
            # lifecycle.page_signals listens to. A page for which none of them came would be lost.
            logger.error(
                "no outcome for %s: its article was not yielded, or a pipeline replaced it; "
                "to leave an article out, raise DropItem in a pipeline",
                lease.page.url,
            )
            queue.fail_page(lease, "no outcome")
        if (seconds := queue.has_pending()) is None:
            return False
        self._wake_in(seconds)
        return True

    def enqueue_request(self, request: Request) -> bool:
        """Take a retry or a redirect of a leased page, or a request of a spider's own."""
        if self._lifecycle is None or self._lifecycle.queue is None:
            return False
        if self._own_requests.includes(request, self._lifecycle.queue):
            return self._own_requests.add(request, self._lifecycle.queue)
        pace = self._lifecycle.queue.limiter.pace
        if pace.refused and PROBE in request.meta:
            # A redirect: it goes on trying the host.
            self._probe = request
            pace.go_on_probing()
        elif pace.refused:
            # The page's own: this one may have been redirected to what the host shows to everybody.
            lease: Lease = request.meta["lease"]
            self._set_aside[lease.page.uid] = self._spider.request(lease)
        else:
            self._delay(request, request.meta.pop("retry_delay", 0.0))
        return True

    def _delay(self, request: Request, seconds: float) -> None:
        heapq.heappush(self._delayed, (monotonic() + seconds, next(self._numbers), request))

    def next_request(self) -> Request | None:
        lifecycle = self._lifecycle
        if lifecycle is None or lifecycle.queue is None:
            return None
        if (own := self._own_requests.next()) is not None:
            return own
        queue = lifecycle.queue
        pace = queue.limiter.pace
        if self._probe is not None and not pace.refused:
            self._delay(self._probe, 0.0)
            self._probe = None
        if self._set_aside and not pace.refused:
            for request in self._set_aside.values():
                self._delay(request, 0.0)
            self._set_aside.clear()
        self._reserve(queue)
        if (wait := pace.seconds_left()) is None:
            return None
        if wait > 0:
            self._wake_in(wait)
            return None
        found = self._try_host(queue) if pace.refused else self._due_request() or self._page(queue)
        if found is not None and pace.take():
            found.meta[PROBE] = True
        return found

    def _reserve(self, queue: CrawlQueue) -> None:
        """Ask for moments, and pages for them, where the host's budget limits requests."""
        wait = queue.limiter.pace.seconds_to_claim()
        if wait:
            self._wake_in(wait)
        elif wait is not None:
            queue.claim(self._at_hand(queue), self._set_aside)

    def _try_host(self, queue: CrawlQueue) -> Request | None:
        """Return the request that tries a host that refuses, if possible of a page that it did not refuse."""
        if (request := self._probe) is not None:
            self._probe = None
            return request
        request = self._page(queue) or self._due_request()
        if request is None and self._set_aside and queue.is_empty:
            request = self._set_aside.pop(next(iter(self._set_aside)))
        return request

    def _page(self, queue: CrawlQueue) -> Request | None:
        lease = queue.next(self._set_aside)
        if lease is None:
            return None
        request = self._spider.request(lease)
        self._tell_scheduled(request)
        return request

    def _at_hand(self, queue: CrawlQueue) -> int:
        """Return how many requests wait for nothing but their turn."""
        now = monotonic()
        found = queue.at_hand + sum(due <= now for due, _, _ in self._delayed)
        # A host that refuses is asked for a page that waits in the state, as long as there is one.
        return found or (1 if self._set_aside and queue.is_empty else 0)

    def _tell_scheduled(self, request: Request) -> None:
        # Scrapy's engine sends it for requests that a spider yields. Limits hang on it (scrapyrt).
        if self._is_heard:
            self.crawler.signals.send_catch_log(
                signals.request_scheduled,
                request=request,
                spider=self.crawler.spider,
                dont_log=IgnoreRequest,
            )

    def _due_request(self) -> Request | None:
        if not self._delayed:
            return None
        wait = self._delayed[0][0] - monotonic()
        if wait > 0:
            self._wake_in(wait)
            return None
        return heapq.heappop(self._delayed)[2]

    def _wake_in(self, seconds: float) -> None:
        at = monotonic() + seconds
        if self._wake_up is not None:
            if self._wake_at <= at:
                return
            self._wake_up.cancel()
        self._wake_at = at
        self._wake_up = call_later(seconds, self._wake)

    def _wake(self) -> None:
        self._wake_up = None
        slot = self.crawler.engine._slot  # noqa: SLF001  # checked in open()
        if slot is not None:
            slot.nextcall.schedule()
