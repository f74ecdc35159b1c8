"""Scrapy's scheduler over the frontier: a page becomes a request only when its turn has come."""

from __future__ import annotations

import asyncio
import heapq
import logging
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING, Protocol, Self, cast

from scrapy import Request, Spider, signals
from scrapy.core.scheduler import BaseScheduler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from scrapy.utils.asyncio import AsyncioLoopingCall, CallLaterResult, call_later

from newscrawl.archive.segments import Segments
from newscrawl.database.engine import Engine
from newscrawl.exceptions import AlreadyFinished, AlreadyRunning, ArgumentError, NewscrawlError, StateError
from newscrawl.queue.crawl_queue import Frontier
from newscrawl.queue.leases import Lease
from newscrawl.queue.opening import data_dir, open_for, worker_name
from newscrawl.queue.pace import Pace
from newscrawl.queue.runs import Store

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.python.failure import Failure

    from newscrawl.plan import Plan

logger = logging.getLogger(__name__)

STATE_UNUSABLE = "state_unusable"
ALREADY_RUNNING = "already_running"
ALREADY_FINISHED = "already_finished"

# Seconds between looks at a run whose last pages other workers hold.
_POLL = 0.5


class FrontierSpider(Protocol):
    """What a spider must have to be crawled with this scheduler."""

    plan: Plan | None
    frontier: Frontier | None

    def request(self, lease: Lease) -> Request:
        """Return the request for a page that was leased."""
        ...


def frontier_scheduler(crawler: Crawler) -> FrontierScheduler | None:
    """Return the crawl's scheduler if it is this project's.

    ``isinstance`` does not tell: BaseScheduler's metaclass takes whatever has its methods for one.
    """
    scheduler = crawler.engine.scheduler
    return scheduler if type(scheduler) is FrontierScheduler else None


class FrontierScheduler(BaseScheduler):
    """Hands out the frontier's pages at the site's pace and sees that each gets an outcome.

    A retry or a redirect of a page comes back here under the page's own lease: it is the same page.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.frontier: Frontier | None = None
        self.refusal: str | None = None
        """Why no run was opened, in one line."""
        self._refused_as = ""
        self.pace: Pace
        self._engine: Engine | None = None
        self._spider: FrontierSpider
        self._again: list[tuple[float, int, Request]] = []
        self._numbers = count()
        self._wake_up: CallLaterResult | None = None
        self._wake_at = 0.0
        self._loops: list[AsyncioLoopingCall] = []
        self._closing: asyncio.Task[None] | None = None
        self.ended: str | None = None
        """Why the run was ended before its time, in one line."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def open(self, spider: Spider) -> None:
        """Begin or resume a run. What stands against it closes the spider before anything is fetched."""
        self._spider = cast("FrontierSpider", spider)
        plan = self._spider.plan
        if plan is None:
            raise ArgumentError("url: expected -a url=ADDRESS, found none")
        # Scrapy has no public way to say that a waiting scheduler has a request again; without this
        # one it would ask every five seconds only. Nor has it one to ask whether it was told to stop.
        slot = getattr(self.crawler.engine, "_slot", None)
        if not hasattr(slot, "nextcall") or not hasattr(slot, "closing"):
            raise RuntimeError("this Scrapy has no ExecutionEngine._slot.nextcall and .closing: use 2.19")
        settings = self.crawler.settings
        self.pace = Pace(plan.site.host, settings.getfloat("DOWNLOAD_DELAY"))
        try:
            self.frontier = self._spider.frontier = self._open_frontier(plan, spider.name)
        except AlreadyRunning as error:
            self._refuse(error, ALREADY_RUNNING)
        except AlreadyFinished as error:
            self._refuse(error, ALREADY_FINISHED)
        except NewscrawlError as error:
            self._refuse(error, STATE_UNUSABLE)
        if self.frontier is None:
            return
        connect = self.crawler.signals.connect
        connect(self._page_error, signals.spider_error)
        connect(self._page_error, signals.item_error)
        for work, seconds in (
            (self.frontier.publish, settings.getfloat("PUBLISH_INTERVAL")),
            (self.frontier.renew, settings.getfloat("LEASE_SECONDS") / 3),
        ):
            loop = AsyncioLoopingCall(work)
            loop.start(seconds, now=False)
            self._loops.append(loop)

    def _open_frontier(self, plan: Plan, spider: str) -> Frontier:
        settings = self.crawler.settings
        self._engine = open_for(plan.site, settings)
        worker = worker_name(settings)
        segments = Segments(self._engine, data_dir(settings), worker)
        if not segments.hold_disk():
            raise StateError(
                f"the lines of the worker {worker} are being published to another disk; "
                "try again when that is done"
            )
        # What a killed process had committed stands in files before anything else is looked at, also
        # where there turns out to be nothing left to crawl.
        segments.publish()
        store = Store(self._engine, worker, settings.getfloat("LEASE_SECONDS"))
        resumed = store.open_run(plan, spider)
        logger.info("%s run %s", "resuming" if resumed else "beginning", store.run_id)
        at_hand = max(1, settings.getint("CONCURRENT_REQUESTS"))
        return Frontier(plan, store, segments, at_hand=at_hand, on_failure=self._on_failure)

    def _refuse(self, error: NewscrawlError, reason: str) -> None:
        self.refusal = str(error)
        logger.error("%s", error)
        self._refused_as = reason
        # Raised here it would leave the rest of Scrapy half open.
        self.crawler.signals.connect(self._close_refused, signals.spider_opened)

    def _close_refused(self) -> None:
        raise CloseSpider(self._refused_as)

    def close(self, reason: str) -> None:
        """Let go of everything. The run report has closed the frontier's run by then, or does so."""
        for loop in self._loops:
            if loop.running:
                loop.stop()
        if self._wake_up is not None:
            self._wake_up.cancel()

    def release(self) -> None:
        """Close the state; after this another process may run the same crawl."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def has_pending_requests(self) -> bool:
        # Scrapy asks when nothing is in flight.
        if self._again:
            return True
        if self.frontier is None or self.frontier.failure is not None:
            return False
        for lease in self.frontier.outstanding():
            # Whatever happens to a request ends in a callback, an errback or a signal that is heard
            # below. A page for which none of them came would be lost without a word.
            logger.error("no outcome for %s", lease.address.url)
            self.frontier.fail(lease, "no outcome")
        if not self.frontier.has_more():
            return False
        self._wake_in(_POLL)
        return True

    def enqueue_request(self, request: Request) -> bool:
        """Take a retry or a redirect of a leased page; nothing else asks for pages here."""
        if "lease" not in request.meta:
            return False
        due = monotonic() + request.meta.pop("retry_delay", 0.0)
        heapq.heappush(self._again, (due, next(self._numbers), request))
        return True

    def next_request(self) -> Request | None:
        wait = self.pace.wait(self.crawler.engine.downloader)
        if wait > 0:
            self._wake_in(wait)
            return None
        request = self._due_again() or self._next_page()
        if request is not None:
            self.pace.left()
        return request

    def must_wait(self) -> bool:
        """Tell whether a request that was handed out would have to wait for its turn after all."""
        return self.pace.wait(self.crawler.engine.downloader, handed_out=True) > 0

    def _due_again(self) -> Request | None:
        if not self._again:
            return None
        wait = self._again[0][0] - monotonic()
        if wait > 0:
            self._wake_in(wait)
            return None
        return heapq.heappop(self._again)[2]

    def _next_page(self) -> Request | None:
        lease = None if self.frontier is None else self.frontier.next()
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

    def _on_failure(self) -> None:
        self._close_spider(STATE_UNUSABLE)

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
        assert self.frontier is not None
        if lease is None:
            self.frontier.counts["exceptions"] += 1
        else:
            self.frontier.fail(lease, f"{type(failure.value).__name__} in a callback or pipeline")
