"""What is done again and again while a run is under way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.settings import BaseSettings
from scrapy.utils.asyncio import AsyncioLoopingCall

if TYPE_CHECKING:
    from newscrawl.queue.crawl_queue import CrawlQueue


class Timers:
    """Publishes committed lines, and keeps the leases of this process."""

    def __init__(self, queue: CrawlQueue, settings: BaseSettings) -> None:
        self._timers: list[AsyncioLoopingCall] = []
        for work, seconds in (
            (queue.publish, settings.getfloat("PUBLISH_INTERVAL")),
            (queue.renew, settings.getfloat("LEASE_SECONDS") / 3),
        ):
            timer = AsyncioLoopingCall(work)
            timer.start(seconds, now=False)
            self._timers.append(timer)

    def stop(self) -> None:
        """Stop all of them."""
        for timer in self._timers:
            if timer.running:
                timer.stop()
