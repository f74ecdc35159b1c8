"""Scrapy's scheduler over the frontier: a page becomes a request only when its turn has come."""

from __future__ import annotations

import asyncio
import heapq
import logging
import secrets
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Self

from scrapy import Request, Spider, signals
from scrapy.core.scheduler import BaseScheduler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from scrapy.utils.asyncio import AsyncioLoopingCall, CallLaterResult, call_later
from scrapy.utils.conf import closest_scrapy_cfg

from newscrawl.exceptions import ArgumentError, OutputError
from newscrawl.frontier.memory import Lease, MemoryFrontier
from newscrawl.frontier.pace import Pace
from newscrawl.frontier.segments import Segments
from newscrawl.items import Miss

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.python.failure import Failure

    from newscrawl.spiders.longbridge import LongbridgeSpider

logger = logging.getLogger(__name__)

OUTPUT_UNUSABLE = "output_unusable"


class FrontierScheduler(BaseScheduler):
    """Hands out the frontier's pages at the site's pace and sees that each gets an outcome.

    A retry or a redirect of a page comes back here under the page's own lease: it is the same page.
    """

    def __init__(self, crawler: Crawler, data_dir: Path, publish_interval: float) -> None:
        self.crawler = crawler
        self.data_dir = data_dir
        self.publish_interval = publish_interval
        self.frontier: MemoryFrontier
        self.pace: Pace
        self._spider: LongbridgeSpider
        self._again: list[tuple[float, int, Request]] = []
        self._numbers = count()
        self._wake_up: CallLaterResult | None = None
        self._wake_at = 0.0
        self._publishing: AsyncioLoopingCall | None = None
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(
            crawler,
            resolve_data_dir(crawler.settings["DATA_DIR"]),
            crawler.settings.getfloat("PUBLISH_INTERVAL"),
        )

    def open(self, spider: Spider) -> None:
        """Begin a run. An unusable data folder closes the spider before anything is fetched."""
        self._spider = spider  # type: ignore[assignment]  # this project has one kind of spider
        plan = self._spider.plan
        if plan is None:
            raise ArgumentError("url: expected -a url=ADDRESS, found none")
        # Scrapy has no public way to say that a waiting scheduler has a request again; without this
        # one it would ask every five seconds only.
        if not hasattr(getattr(self.crawler.engine, "_slot", None), "nextcall"):
            raise RuntimeError("this Scrapy has no ExecutionEngine._slot.nextcall: use 2.19")
        run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{spider.name}-{secrets.token_hex(2)}"
        segments = Segments(self.data_dir, run_id)
        self.frontier = self._spider.frontier = MemoryFrontier(plan, segments)
        self.pace = Pace(plan.site.host, self.crawler.settings.getfloat("DOWNLOAD_DELAY"))
        try:
            segments.check()
        except OutputError as error:
            self.frontier.output_error = str(error)
            raise CloseSpider(OUTPUT_UNUSABLE) from None
        self.frontier.start()
        connect = self.crawler.signals.connect
        connect(self._spider_error, signals.spider_error)
        connect(self._item_error, signals.item_error)
        connect(self._spider_idle, signals.spider_idle)
        self._publishing = AsyncioLoopingCall(self._publish)
        self._publishing.start(self.publish_interval, now=False)

    def close(self, reason: str) -> None:
        """Publish what is committed. A failure is told in the frontier's ``output_error``."""
        if self._publishing is not None and self._publishing.running:
            self._publishing.stop()
        if self._wake_up is not None:
            self._wake_up.cancel()
        self.frontier.close()

    def has_pending_requests(self) -> bool:
        return bool(self._again or self.frontier.waiting)

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

    def _due_again(self) -> Request | None:
        if not self._again:
            return None
        wait = self._again[0][0] - monotonic()
        if wait > 0:
            self._wake_in(wait)
            return None
        return heapq.heappop(self._again)[2]

    def _next_page(self) -> Request | None:
        lease = self.frontier.claim()
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

    def _publish(self) -> None:
        try:
            self.frontier.publish()
        except OutputError as error:
            self.frontier.output_error = str(error)
            logger.error("%s", error)
            self._closing = asyncio.ensure_future(
                self.crawler.engine.close_spider_async(reason=OUTPUT_UNUSABLE)
            )

    def _spider_error(self, failure: Failure, response: Response | Failure | None) -> None:
        self._fail(getattr(response, "request", None), failure)

    def _item_error(self, failure: Failure, response: Response | Failure | None) -> None:
        self._fail(getattr(response, "request", None), failure)

    def _fail(self, request: Request | None, failure: Failure) -> None:
        lease: Lease | None = request.meta.get("lease") if request is not None else None
        self.frontier.counts["exceptions"] += 1
        if lease is not None:
            self._miss(lease, f"{type(failure.value).__name__} in a callback or pipeline")

    def _spider_idle(self) -> None:
        # Whatever happens to a request ends in a callback, an errback or one of the signals above.
        # A page for which none of them came would be lost without a word.
        for lease in self.frontier.outstanding():
            logger.error("no outcome for %s", lease.address.url)
            self.frontier.counts["exceptions"] += 1
            self._miss(lease, "no outcome")

    def _miss(self, lease: Lease, reason: str) -> None:
        address = lease.address
        self.frontier.commit(address, Miss(address.uid, address.url, "failed", reason))


def resolve_data_dir(path: str) -> Path:
    """Return DATA_DIR as an absolute path; a relative one is relative to scrapy.cfg's folder."""
    config = closest_scrapy_cfg()
    return (Path(config).parent if config else Path.cwd()) / path
