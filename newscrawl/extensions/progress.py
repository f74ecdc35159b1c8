"""How far the run is: one line that is updated on a terminal, a log line a minute elsewhere."""

from __future__ import annotations

import logging
import sys
from time import monotonic
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import AsyncioLoopingCall

from newscrawl.lifecycle.run import lifecycle_of
from newscrawl.queue.crawl_queue import CrawlQueue

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)


class Progress:
    """Shows pages, stories, queue, rate, and the time left where a limit makes it known."""

    def __init__(self, crawler: Crawler, interval: float) -> None:
        self.crawler = crawler
        self.terminal = sys.stderr.isatty() and not crawler.settings["LOG_FILE"]
        self.interval = 1.0 if self.terminal else interval
        self._started = monotonic()
        self._width = 0
        self._showing: AsyncioLoopingCall | None = None
        crawler.signals.connect(self._engine_started, signals.engine_started)
        # Before spider_closed, so that the box at the end stands on lines of its own.
        crawler.signals.connect(self._engine_stopping, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        interval = crawler.settings.getfloat("LOGSTATS_INTERVAL")
        if not interval or lifecycle_of(crawler) is None or not crawler.settings.getbool("QUEUE_ENABLED"):
            raise NotConfigured
        return cls(crawler, interval)

    def _engine_started(self) -> None:
        self._started = monotonic()
        self._showing = AsyncioLoopingCall(self._show)
        self._showing.start(self.interval, now=self.terminal)

    def _engine_stopping(self) -> None:
        if self._showing is not None and self._showing.running:
            self._showing.stop()
        if self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")
            sys.stderr.flush()

    def _show(self) -> None:
        lifecycle = lifecycle_of(self.crawler)
        if lifecycle is None or lifecycle.queue is None:
            return
        line = progress_line(lifecycle.queue, monotonic() - self._started)
        if not self.terminal:
            logger.info("%s", line)
            return
        sys.stderr.write("\r" + line.ljust(self._width))
        sys.stderr.flush()
        self._width = len(line)


def progress_line(queue: CrawlQueue, seconds: float) -> str:
    """Return e.g. ``12 pages, 4 stories, 7 waiting, 1.0 pages/s, at most 0:09 left``."""
    counts = queue.counts()
    done = counts.finished
    # What a resumed run did before says nothing of today's speed.
    rate = sum(queue.committed.values()) / seconds if seconds > 0 else 0.0
    line = f"{done} pages, {counts.stories} stories, {counts.waiting} waiting, {rate:.1f} pages/s"
    limit = queue.run.plan.limit
    if limit is None or not counts.stories or not rate:
        return line
    # Each story not met yet is taken to have as many pages as those met so far.
    known = done + counts.waiting + counts.leased
    expected = max(known, round(known / counts.stories * limit))
    left = round((expected - done) / rate)
    return f"{line}, at most {left // 60}:{left % 60:02d} left"
