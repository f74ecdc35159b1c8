"""Whether each feed of a crawl (``-o``, ``-O``, FEEDS) was stored.

Scrapy logs what goes wrong with a feed, and counts in a stat what could not be stored. Of a path that cannot
be opened, or a disk that is full before the end, only the log knows. So what is called of a feed is watched
here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pydispatch.dispatcher import getAllReceivers, liveReceivers
from scrapy import signals
from scrapy.extensions.feedexport import FeedExporter, FeedSlot
from scrapy.utils.asyncio import is_asyncio_available
from scrapy.utils.defer import ensure_awaitable

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class Feeds:
    """The feeds of one crawl. To be made before the spider is opened."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.exporter = crawler.get_extension(FeedExporter)
        self.is_storing = False
        """Whether the feeds are being stored now."""
        self._watched: set[FeedSlot] = set()
        self._closed: set[FeedSlot] = set()
        self._failed: list[str] = []
        self._expected: list[FeedSlot] = []
        self._all_closed = asyncio.Event()
        if self.exporter is not None:
            connect = crawler.signals.connect
            # After the exporter, which makes the first slots here.
            connect(self._watch_slots, signals.spider_opened)
            # After the exporter, too: a batch that is full is followed by a new slot.
            connect(self._watch_slots, signals.item_scraped)
            connect(self._slot_closed, signals.feed_slot_closed)
            connect(self._exporter_closed, signals.feed_exporter_closed)

    @property
    def is_missing(self) -> bool:
        """Tell whether feeds are configured, and nothing will write them."""
        settings = self.crawler.settings
        return self.exporter is None and bool(settings.getdict("FEEDS") or settings["FEED_URI"])

    def discard(self) -> None:
        """Store nothing: an empty feed must not take the place of one that is there or being written."""
        if self.exporter is not None:
            self.exporter.slots.clear()

    async def wait(self) -> None:
        """Wait until Scrapy has stored all feeds, or failed to. To be called while the spider is closed."""
        if self.exporter is None or not self._is_closed_with_the_spider(self.exporter):
            return
        self._expected = list(self.exporter.slots)
        opened = {slot.uri_template for slot in self._expected}
        self._failed += [uri for uri in self.exporter.feeds if uri not in opened]
        self.is_storing = True
        await self._all_closed.wait()
        self.is_storing = False

    def failure(self) -> str | None:
        """Return what went wrong, in one line; None where nothing did, or no feed is closed yet."""
        failed = list(self._failed)
        for slot in self._expected:
            has_content = slot.itemcount or (slot.store_empty and slot.batch_id == 1)
            if slot not in self._closed and has_content:
                failed.append(slot.uri)
        return f"the feed {failed[0]} is not complete; the lines are, in the data folder" if failed else None

    def _is_closed_with_the_spider(self, exporter: FeedExporter) -> bool:
        # A subclass may do it in another way, or never; nobody may wait for that.
        receivers = liveReceivers(getAllReceivers(self.crawler.signals.sender, signals.spider_closed))
        is_stock = type(exporter).close_spider is FeedExporter.close_spider
        return is_stock and is_asyncio_available() and exporter.close_spider in list(receivers)

    def _watch_slots(self) -> None:
        assert self.exporter is not None
        for slot in self.exporter.slots:
            if slot not in self._watched:
                self._watched.add(slot)
                self._watch(slot)

    def _watch(self, slot: FeedSlot) -> None:
        start, store = slot.start_exporting, slot.storage.store

        def start_exporting() -> None:
            is_first = slot not in started
            self._noting(slot, start)()
            if is_first:
                started.add(slot)
                assert slot.exporter is not None
                slot.exporter.export_item = self._noting(slot, slot.exporter.export_item)  # type: ignore[method-assign]

        async def store_whole(file: Any) -> None:
            try:
                await ensure_awaitable(store(file))
            except Exception:
                self._failed.append(slot.uri)
                raise

        started: set[FeedSlot] = set()
        slot.start_exporting = start_exporting  # type: ignore[method-assign]
        # A storage of the user's may not let itself be changed; what it fails to store is not noticed then.
        with suppress(AttributeError):
            slot.storage.store = store_whole  # type: ignore[assignment,method-assign]

    def _noting(self, slot: FeedSlot, work: Callable[..., None]) -> Callable[..., None]:
        def noting(*arguments: Any) -> None:
            try:
                work(*arguments)
            except Exception:
                self._failed.append(slot.uri)
                raise

        return noting

    def _slot_closed(self, slot: FeedSlot) -> None:
        self._closed.add(slot)

    def _exporter_closed(self) -> None:
        self._all_closed.set()
