"""Scrapy's scheduler over the durable queue: a page becomes a request only when its turn has come."""

from __future__ import annotations

import asyncio
import heapq
import logging
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING, Protocol, Self, cast
from weakref import WeakKeyDictionary

from scrapy import Request, Spider, signals
from scrapy.core.scheduler import BaseScheduler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from scrapy.settings import BaseSettings
from scrapy.utils.asyncio import AsyncioLoopingCall, CallLaterResult, call_later
from scrapy.utils.defer import deferred_from_coro

from newscrawl.exceptions import AlreadyFinished, AlreadyRunning, ArgumentError, NewscrawlError
from newscrawl.queue.crawl_queue import CrawlQueue
from newscrawl.queue.leases import Lease
from newscrawl.queue.opening import OpenState, open_state
from newscrawl.queue.pace import Pace

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.internet.defer import Deferred
    from twisted.python.failure import Failure

    from newscrawl.plan import Plan

logger = logging.getLogger(__name__)

STATE_UNUSABLE = "state_unusable"
ALREADY_RUNNING = "already_running"
ALREADY_FINISHED = "already_finished"

# Seconds between looks at a run whose last pages other workers hold.
_POLL = 0.5

_schedulers: WeakKeyDictionary[Crawler, QueueScheduler] = WeakKeyDictionary()


class QueueSpider(Protocol):
    """What a spider must have to be crawled with this scheduler; ``spiders.news`` has it."""

    plan: Plan | None

    def request(self, lease: Lease) -> Request:
        """Return the request for a page that was leased."""
        ...


def scheduler_of(crawler: Crawler) -> QueueScheduler | None:
    """Return the crawl's scheduler; None before it is made, and where Scrapy's own is in use.

    The one way in which other components reach the queue.
    """
    return _schedulers.get(crawler)


def uses_queue(settings: BaseSettings) -> bool:
    """Tell whether this process crawls with the durable queue (``scrapy crawl``) or without."""
    return str(settings["SCHEDULER"]) == f"{__name__}.{QueueScheduler.__name__}"


class QueueScheduler(BaseScheduler):
    """Hands out the queue's pages at the site's pace and sees that each gets an outcome.

    A retry or a redirect of a page comes back here under the page's own lease: it is the same page.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        _schedulers[crawler] = self
        self.queue: CrawlQueue | None = None
        self.refusal: str | None = None
        """Why no run was opened, in one line."""
        self.ended: str | None = None
        """Why the run was ended before its time, in one line."""
        self.pace: Pace
        self._state: OpenState | None = None
        self._spider: QueueSpider
        self._delayed: list[tuple[float, int, Request]] = []
        self._numbers = count()
        self._wake_up: CallLaterResult | None = None
        self._wake_at = 0.0
        self._loops: list[AsyncioLoopingCall] = []
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def open(self, spider: Spider) -> Deferred[None]:
        """Begin or resume a run. What stands against it closes the spider before anything is fetched."""
        self._spider = cast("QueueSpider", spider)
        plan = self._spider.plan
        if plan is None:
            raise ArgumentError("url: expected -a url=ADDRESS, found none")
        # Scrapy has no public way to say that a waiting scheduler has a request again; without this
        # one it would ask every five seconds only. Nor has it one to ask whether it was told to stop.
        slot = getattr(self.crawler.engine, "_slot", None)
        if not hasattr(slot, "nextcall") or not hasattr(slot, "closing"):
            raise RuntimeError("this Scrapy has no ExecutionEngine._slot.nextcall and .closing: use 2.19")
        self.pace = Pace(plan.origin.host, self.crawler.settings.getfloat("DOWNLOAD_DELAY"))
        return deferred_from_coro(self._open(plan))

    async def _open(self, plan: Plan) -> None:
        settings = self.crawler.settings
        try:
            # In a thread: it may wait, for a lock or for another process's transaction.
            self._state = await asyncio.to_thread(open_state, plan, settings)
        except AlreadyRunning as error:
            self._refuse(str(error), ALREADY_RUNNING)
        except AlreadyFinished as error:
            self._refuse(str(error), ALREADY_FINISHED)
        except NewscrawlError as error:
            self._refuse(str(error), STATE_UNUSABLE)
        if self._state is None:
            return
        run = self._state.run
        logger.info("%s run %s", "resuming" if run.resumed else "beginning", run.run_id)
        self.queue = CrawlQueue(
            run,
            self._state.segments,
            self._state.in_progress,
            claim_size=max(1, settings.getint("CONCURRENT_REQUESTS")),
            on_failure=lambda: self._close_spider(STATE_UNUSABLE),
        )
        connect = self.crawler.signals.connect
        connect(self._page_error, signals.spider_error)
        connect(self._page_error, signals.item_error)
        if not self.crawler.crawling:
            # Told to stop in the meantime: Scrapy would begin all the same.
            connect(self._stop, signals.spider_opened)
        for work, seconds in (
            (self.queue.publish, settings.getfloat("PUBLISH_INTERVAL")),
            (self.queue.renew, settings.getfloat("LEASE_SECONDS") / 3),
        ):
            loop = AsyncioLoopingCall(work)
            loop.start(seconds, now=False)
            self._loops.append(loop)

    def _stop(self) -> None:
        raise CloseSpider("shutdown")

    def _refuse(self, text: str, reason: str) -> None:
        self.refusal = text
        logger.error("%s", text)

        def close() -> None:
            raise CloseSpider(reason)

        # Raised in open() it would leave the rest of Scrapy half open. Not held weakly: a local function.
        self.crawler.signals.connect(close, signals.spider_opened, weak=False)

    def close(self, reason: str) -> None:
        """Stop all timers. The run report closes the queue and the state after this."""
        for loop in self._loops:
            if loop.running:
                loop.stop()
        if self._wake_up is not None:
            self._wake_up.cancel()

    def release(self) -> None:
        """Close the state; after this another process may run the same crawl."""
        if self._state is not None:
            self._state.run.engine.close()
            self._state = None

    def has_pending_requests(self) -> bool:
        # Scrapy asks when nothing is in flight.
        if self._delayed:
            return True
        if self.queue is None or self.queue.failure is not None:
            return False
        for lease in self.queue.outstanding():
            # Whatever happens to a request ends in a callback, an errback or one of the signals
            # connected above. A page for which none of them came would be lost.
            logger.error("no outcome for %s", lease.page.url)
            self.queue.fail_page(lease, "no outcome")
        if not self.queue.has_more():
            return False
        self._wake_in(_POLL)
        return True

    def enqueue_request(self, request: Request) -> bool:
        """Take a retry or a redirect of a leased page; nothing else asks for pages here."""
        if "lease" not in request.meta:
            return False
        due = monotonic() + request.meta.pop("retry_delay", 0.0)
        heapq.heappush(self._delayed, (due, next(self._numbers), request))
        return True

    def next_request(self) -> Request | None:
        wait = self.pace.seconds_left(self.crawler.engine.downloader)
        if wait > 0:
            self._wake_in(wait)
            return None
        request = self._due_request() or self._next_page()
        if request is not None:
            self.pace.note_request()
        return request

    def must_wait(self) -> bool:
        """Tell whether a request that was handed out would have to wait for its turn after all."""
        return self.pace.seconds_left(self.crawler.engine.downloader, handed_out=True) > 0

    def _due_request(self) -> Request | None:
        if not self._delayed:
            return None
        wait = self._delayed[0][0] - monotonic()
        if wait > 0:
            self._wake_in(wait)
            return None
        return heapq.heappop(self._delayed)[2]

    def _next_page(self) -> Request | None:
        lease = self.queue.next() if self.queue is not None else None
        return None if lease is None else self._spider.request(lease)

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

    def end_run(self, reason: str, text: str) -> None:
        """End the run before its time, for a ``reason`` that Scrapy notes and a person reads in ``text``.

        Pages that were not fetched stay open.
        """
        if self.ended is None:
            self.ended = text
            logger.error("%s: the run ends here", text)
            self._close_spider(reason)

    def _close_spider(self, reason: str) -> None:
        if self._closing is None and self.crawler.spider is not None and not self.is_closing():
            self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=reason))

    def is_closing(self) -> bool:
        """Tell whether the crawl was told to stop, by whomever."""
        slot = self.crawler.engine._slot  # noqa: SLF001  # checked in open()
        return not self.crawler.crawling or slot is None or slot.closing is not None

    def _page_error(self, failure: Failure, response: Response | Failure | None) -> None:
        request = getattr(response, "request", None)
        lease: Lease | None = request.meta.get("lease") if request is not None else None
        assert self.queue is not None
        if lease is None:
            self.queue.exceptions += 1
        else:
            self.queue.fail_page(lease, f"{type(failure.value).__name__} in a callback or pipeline")
